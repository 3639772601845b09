/* SPDX-License-Identifier: MIT */
/*
 * Moves of interrupts whose message changes with the target: the new place beside the old one, the message in steps
 * that all reach the interrupt (L46), the old place kept until it is clean (L54), and what can come in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "mock_places.h"
#include "test_port.h"

#include "../src/msi/msi_domain.h"

struct world {
    struct test_port t;
    struct umsi *u;
    struct mock_places places;
    struct mock_sender sender;
    uint32_t runs, ran_on[PLACES_CPUS];
    bool kicked[PLACES_CPUS];
    umsi_virq virq;
};

static struct world w;

static void on_kick(void *ctx, umsi_cpu cpu)
{
    (void)ctx;
    w.kicked[cpu] = true;
}

static void handler(void *arg)
{
    (void)arg;
    w.runs++;
    w.ran_on[w.t.self]++;
}

/* The CPU does what it was kicked for. */
static void serve(umsi_cpu cpu)
{
    const umsi_cpu was = w.t.self;
    w.t.self = cpu;
    w.kicked[cpu] = false;
    umsi_cpu_service(w.u);
    w.t.self = was;
}

static void take(umsi_cpu cpu)
{
    const umsi_cpu was = w.t.self;
    w.t.self = cpu;
    mock_places_take(&w.places, cpu);
    w.t.self = was;
}

static void open_world(bool maskable)
{
    memset(&w, 0, sizeof(w));
    test_port_init(&w.t, PLACES_CPUS);
    w.t.port.cpu_kick = on_kick;
    assert_int_equal(umsi_create(&w.t.port, &w.u), UMSI_OK);
    mock_places_add(&w.places, w.u);
    mock_sender_attach(&w.sender, &w.places, maskable);
    assert_int_equal(umsi_msi_alloc(&w.sender.dev, 0, 2), UMSI_OK);
    w.virq = umsi_msi_virq(&w.sender.dev, 1);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, NULL, "x"), UMSI_OK);
    w.sender.writes = 0;
}

static void close_world(void)
{
    umsi_msi_detach(&w.sender.dev);
    mock_places_remove(&w.places);
    assert_int_equal(w.places.strays, 0); /* every message reached an interrupt */
    assert_int_equal(umsi_destroy(w.u), UMSI_OK);
    test_port_check_empty(&w.t);
}

static enum umsi_status move_to(umsi_cpu cpu)
{
    struct umsi_cpumask set = { { 0 } };
    umsi_cpumask_set(&set, cpu);
    return umsi_irq_set_affinity(w.u, w.virq, &set);
}

static bool settling(void)
{
    struct umsi_irq_info info;
    assert_int_equal(umsi_irq_get_info(w.u, w.virq, &info), UMSI_OK);
    return info.settling;
}

/* ---- a move ---- */

static void test_old_place_is_kept_until_its_cpu_looked(void **state) /* L54 */
{
    (void)state;
    open_world(true);
    assert_int_equal(mock_places_used(&w.places, 0), 2);
    assert_int_equal(move_to(2), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(w.u, w.virq), 2);
    assert_true(settling());
    assert_int_equal(mock_places_used(&w.places, 0), 2); /* it may still be on its way */
    assert_int_equal(mock_places_used(&w.places, 2), 1);
    assert_true(w.kicked[0]);
    serve(2); /* not the old one's */
    assert_true(settling());
    serve(0);
    assert_false(settling());
    assert_int_equal(mock_places_used(&w.places, 0), 1);
    mock_sender_raise(&w.sender, 1);
    take(2);
    assert_int_equal(w.ran_on[2], 1);
    close_world();
}

/* Sent before the message changed, and not taken yet. */
static void test_what_is_pending_on_the_old_place_is_delivered(void **state) /* L35 */
{
    (void)state;
    open_world(true);
    mock_sender_raise(&w.sender, 1);
    assert_int_equal(move_to(3), UMSI_OK);
    serve(0);
    assert_int_equal(w.ran_on[0], 1);
    take(0);
    take(3);
    assert_int_equal(w.runs, 1);
    close_world();
}

/* As on an APIC, where a pending vector cannot be taken back: it arrives first. */
static void test_settle_comes_again(void **state)
{
    (void)state;
    open_world(true);
    w.places.refuse = 2;
    assert_int_equal(move_to(1), UMSI_OK);
    serve(0);
    assert_true(settling());
    assert_true(w.kicked[0]);
    serve(0);
    assert_true(settling());
    serve(0);
    assert_false(settling());
    assert_false(w.kicked[0]);
    assert_int_equal(w.places.settles, 3);
    close_world();
}

static void serve_in_relax(struct test_port *t)
{
    (void)t;
    for (umsi_cpu cpu = 0; cpu < PLACES_CPUS; cpu++) {
        if (w.kicked[cpu]) {
            serve(cpu);
        }
    }
}

static void test_second_move_waits_for_the_first(void **state)
{
    (void)state;
    open_world(true);
    assert_int_equal(move_to(1), UMSI_OK);
    assert_int_equal(move_to(2), UMSI_BUSY); /* nobody looks: after 100 ms */
    assert_true(w.t.now_us >= 100000);
    assert_int_equal(umsi_irq_get_cpu(w.u, w.virq), 1);
    w.t.on_relax = serve_in_relax;
    assert_int_equal(move_to(2), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(w.u, w.virq), 2);
    w.t.on_relax = NULL;
    assert_int_equal(mock_places_used(&w.places, 0), 1);
    assert_int_equal(mock_places_used(&w.places, 1), 1);
    serve(1);
    assert_int_equal(mock_places_used(&w.places, 1), 0);
    close_world();
}

static void test_nothing_when_the_target_stays(void **state) /* L34 */
{
    struct umsi_cpumask both = { { 9 } };
    (void)state;
    open_world(true);
    assert_int_equal(umsi_irq_set_affinity(w.u, w.virq, &both), UMSI_OK);
    assert_int_equal(w.places.moves, 0);
    assert_int_equal(w.sender.writes, 0);
    close_world();
}

/* ---- a place its CPU must open ---- */

static void test_new_cpu_opens_its_place_first(void **state)
{
    (void)state;
    open_world(true);
    w.places.defer = true;
    assert_int_equal(move_to(2), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(w.u, w.virq), 0);
    assert_int_equal(w.sender.writes, 0); /* not before it is open */
    assert_true(w.kicked[2]);
    mock_sender_raise(&w.sender, 1);
    take(0);
    assert_int_equal(w.ran_on[0], 1);
    serve(2);
    assert_int_equal(umsi_irq_get_cpu(w.u, w.virq), 2);
    mock_sender_raise(&w.sender, 1);
    take(2);
    assert_int_equal(w.ran_on[2], 1);
    serve(0);
    assert_false(settling());
    close_world();
}

static void test_free_while_the_new_place_is_not_open(void **state)
{
    (void)state;
    open_world(true);
    w.places.defer = true;
    assert_int_equal(move_to(2), UMSI_OK);
    umsi_msi_free(&w.sender.dev, 1, 1);
    assert_int_equal(w.places.reverts, 1);
    assert_int_equal(mock_places_used(&w.places, 2), 0);
    serve(2); /* nothing is left for it */
    serve(0);
    assert_int_equal(w.places.settles, 0);
    close_world();
}

static void test_free_before_it_settled(void **state)
{
    (void)state;
    open_world(true);
    assert_int_equal(move_to(2), UMSI_OK);
    umsi_msi_free(&w.sender.dev, 1, 1);
    assert_int_equal(mock_places_used(&w.places, 0), 1);
    assert_int_equal(mock_places_used(&w.places, 2), 0);
    serve(0);
    assert_int_equal(w.places.settles, 0);
    assert_int_equal(umsi_msi_alloc(&w.sender.dev, 1, 1), UMSI_OK); /* and it can be had again */
    close_world();
}

/* ---- messages ---- */

/* Whatever the device holds is sent at each point: it must reach the interrupt (L46). */
static uint32_t sent;

static void send_now(void *arg)
{
    (void)arg;
    if (!w.sender.masked[1]) {
        sent++;
        mock_sender_raise(&w.sender, 1);
        take(0);
        take(2);
    }
}

static void move_while_sending(bool maskable, bool other_ids)
{
    open_world(maskable);
    w.places.other_ids = other_ids;
    w.places.point = send_now;
    sent = 0;
    assert_int_equal(move_to(2), UMSI_OK);
    serve(0);
    w.places.point = NULL;
    assert_true(sent >= 2);
    assert_int_equal(w.runs, sent);
    assert_int_equal(mock_places_used(&w.places, 0), 1);
    assert_int_equal(mock_places_used(&w.places, 2), 1);
    close_world();
}

static void test_every_half_message_reaches_it(void **state) /* L46 */
{
    (void)state;
    move_while_sending(false, false); /* one word */
    move_while_sending(false, true);  /* two words, by way of the one between */
    move_while_sending(true, false);
    move_while_sending(true, true);
}

static void test_no_way_between_is_refused(void **state) /* L46 */
{
    struct umsi_cpumask wanted;
    (void)state;
    open_world(false);
    w.places.other_ids = w.places.no_way = true;
    assert_int_equal(move_to(2), UMSI_UNSUPPORTED);
    assert_int_equal(w.sender.writes, 0);
    assert_int_equal(w.places.reverts, 1);
    assert_int_equal(umsi_irq_get_cpu(w.u, w.virq), 0);
    assert_int_equal(umsi_irq_get_wanted(w.u, w.virq, &wanted), UMSI_OK);
    assert_int_equal(wanted.bits[0], 0xf);
    assert_int_equal(mock_places_used(&w.places, 2), 0);
    mock_sender_raise(&w.sender, 1);
    take(0);
    assert_int_equal(w.runs, 1);
    w.places.other_ids = false; /* in one word it goes */
    assert_int_equal(move_to(2), UMSI_OK);
    serve(0);
    close_world();
}

/* The same, found out on the new CPU: there is nobody to tell but the log. */
static void test_refused_after_the_place_was_opened(void **state)
{
    (void)state;
    open_world(false);
    w.places.defer = w.places.other_ids = w.places.no_way = true;
    assert_int_equal(move_to(2), UMSI_OK);
    serve(2);
    assert_int_equal(umsi_irq_get_cpu(w.u, w.virq), 0);
    assert_int_equal(w.places.reverts, 1);
    assert_true(test_port_logged(&w.t, "stays on CPU 0"));
    assert_false(settling());
    close_world();
}

/* ---- writing it ---- */

static const struct umsi_chip *chip_inside;
static uint32_t fail_write, writes;
static umsi_bus written[8];

static enum umsi_status spied_write(struct umsi_domain *d, struct umsi_irq *irq)
{
    assert_true(writes < 8);
    written[writes++] = irq->message.address;
    const enum umsi_status st = chip_inside->write_message(d, irq);
    return fail_write != 0 && --fail_write == 0 ? UMSI_HARDWARE : st;
}

static struct umsi_msi_domain *spy(struct umsi_chip *chip)
{
    struct umsi_msi_domain *md =
        UMSI_CONTAINER_OF(w.sender.dev.slot[0], struct umsi_msi_domain, domain);
    chip_inside = md->domain.chip;
    *chip = *chip_inside;
    chip->write_message = spied_write;
    md->domain.chip = chip;
    writes = 0;
    return md;
}

/* A write fails: the device gets the old message again, whichever of the writes it was. */
static void test_write_fails(void **state) /* L46 */
{
    struct umsi_chip chip;
    (void)state;
    for (uint32_t nth = 1; nth <= 3; nth++) { /* of one, of two */
        open_world(false);
        struct umsi_msi_domain *md = spy(&chip);
        w.places.other_ids = nth > 1;
        fail_write = nth > 1 ? nth - 1 : 1;
        assert_int_equal(move_to(2), UMSI_HARDWARE);
        assert_int_equal(fail_write, 0);
        assert_int_equal(written[writes - 1], PLACES_BASE);
        assert_int_equal(umsi_irq_find(w.u, w.virq)->message.address, PLACES_BASE);
        assert_int_equal(umsi_irq_get_cpu(w.u, w.virq), 0);
        mock_sender_raise(&w.sender, 1);
        take(0);
        assert_int_equal(w.runs, 1);
        md->domain.chip = chip_inside;
        close_world();
    }
}

/* L48: a device behind an IOMMU is given each of the steps as it sees the doorbell. */
static void test_steps_through_an_iommu(void **state)
{
    struct umsi_chip chip;
    (void)state;
    open_world(false);
    struct umsi_msi_domain *md = spy(&chip);
    struct umsi_irq *irq = umsi_irq_find(w.u, w.virq);
    md->doorbell = PLACES_BASE;
    md->doorbell_bus = 0x70000000;
    md->mapped = true;
    umsi_msi_translate(md, &irq->message);
    w.places.other_ids = true;
    assert_int_equal(move_to(2), UMSI_OK);
    assert_int_equal(writes, 2);
    for (uint32_t i = 0; i < writes; i++) {
        assert_in_range(written[i], 0x70000000, 0x70003000);
    }
    md->mapped = false;
    md->domain.chip = chip_inside;
    serve(0);
    close_world();
}

static bool no_step(struct umsi_domain *d, const struct umsi_irq *irq, struct umsi_message *out)
{
    (void)d;
    (void)irq;
    *out = (struct umsi_message){ PLACES_BASE + 0x3000, PLACES_IDS - 1 };
    return true;
}

/* L46, L48: a message between that is two words from either, and one the device cannot write: neither is begun. */
static void test_steps_that_are_none(void **state)
{
    struct umsi_chip bad;
    (void)state;
    open_world(false);
    const struct umsi_chip *was = w.places.domain.chip;
    bad = *was;
    bad.compose_between = no_step;
    w.places.domain.chip = &bad;
    w.places.other_ids = true;
    assert_int_equal(move_to(2), UMSI_UNSUPPORTED);
    w.places.domain.chip = was;
    w.sender.dev.max_address = PLACES_BASE;
    assert_int_equal(move_to(2), UMSI_RANGE);
    assert_int_equal(w.sender.writes, 0);
    close_world();
}

static void test_masked_stays_masked(void **state) /* L51 */
{
    (void)state;
    open_world(true);
    umsi_irq_disable(w.u, w.virq);
    assert_int_equal(move_to(2), UMSI_OK);
    assert_true(w.sender.masked[1]);
    mock_sender_raise(&w.sender, 1);
    serve(0);
    take(2);
    assert_int_equal(w.runs, 0);
    umsi_irq_enable(w.u, w.virq);
    take(2);
    assert_int_equal(w.ran_on[2], 1);
    close_world();
}

static void test_no_place_left(void **state) /* L37 */
{
    (void)state;
    open_world(true);
    for (uint32_t id = 0; id < PLACES_IDS; id++) {
        w.places.place[2][id].irq = umsi_irq_find(w.u, umsi_msi_virq(&w.sender.dev, 0));
    }
    assert_int_equal(move_to(2), UMSI_NOSPACE);
    assert_int_equal(umsi_irq_get_cpu(w.u, w.virq), 0);
    assert_false(settling());
    memset(w.places.place[2], 0, sizeof(w.places.place[2]));
    close_world();
}

static void test_without_kick_it_stays(void **state)
{
    (void)state;
    open_world(true);
    w.u->port.cpu_kick = NULL;
    assert_int_equal(move_to(2), UMSI_UNSUPPORTED);
    assert_int_equal(w.places.moves, 0);
    close_world();
}

/* ---- work for a CPU ---- */

static void test_ask(void **state)
{
    (void)state;
    open_world(true);
    umsi_cpu_ask(w.u, 3);
    umsi_cpu_ask(w.u, 77); /* no such CPU */
    assert_true(w.kicked[3]);
    serve(1);
    assert_int_equal(w.places.works, 0);
    serve(3);
    assert_int_equal(w.places.works, 1);
    serve(3);
    assert_int_equal(w.places.works, 1);
    close_world();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_old_place_is_kept_until_its_cpu_looked),
        cmocka_unit_test(test_what_is_pending_on_the_old_place_is_delivered),
        cmocka_unit_test(test_settle_comes_again),
        cmocka_unit_test(test_second_move_waits_for_the_first),
        cmocka_unit_test(test_nothing_when_the_target_stays),
        cmocka_unit_test(test_new_cpu_opens_its_place_first),
        cmocka_unit_test(test_free_while_the_new_place_is_not_open),
        cmocka_unit_test(test_free_before_it_settled),
        cmocka_unit_test(test_every_half_message_reaches_it),
        cmocka_unit_test(test_no_way_between_is_refused),
        cmocka_unit_test(test_refused_after_the_place_was_opened),
        cmocka_unit_test(test_write_fails),
        cmocka_unit_test(test_steps_through_an_iommu),
        cmocka_unit_test(test_steps_that_are_none),
        cmocka_unit_test(test_masked_stays_masked),
        cmocka_unit_test(test_no_place_left),
        cmocka_unit_test(test_without_kick_it_stays),
        cmocka_unit_test(test_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
