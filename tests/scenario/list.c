/* SPDX-License-Identifier: MIT */
/* All scenarios, in the order in which they run. */
#include "scene.h"

extern const struct scenario s_msi, s_msi_32, s_msi_maskable, s_msi_single, s_msix_5, s_msix_16,
    s_msix_65, s_msix_2048, s_dynamic, s_dynamic_device, s_dynamic_more, s_switch, s_switch_multi,
    s_bind, s_bind_several, s_reset, s_reset_msi, s_reset_shared, s_mask, s_mask_command,
    s_mask_none, s_mask_block, s_mask_early, s_move, s_move_block, s_move_refused, s_move_pending,
    s_move_pending_msi, s_shared, s_shared_goes, s_domain, s_domain_large, s_domain_late,
    s_domain_unused, s_domain_single, s_platdev, s_wired, s_wired_level, s_slot, s_spread,
    s_spread_block, s_retrigger, s_freed_pending, s_errors, s_intx, s_intx_msi, s_intx_shared,
    s_intx_moves, s_intx_again, s_intx_masked, s_intx_command, s_intx_stands, s_intx_storm,
    s_intx_bridge;

const struct scenario *const scenarios[] = {
    &s_msi,          &s_msi_32,       &s_msi_maskable,     &s_msi_single,    &s_msix_5,
    &s_msix_16,      &s_msix_65,      &s_msix_2048,        &s_dynamic,       &s_dynamic_device,
    &s_dynamic_more, &s_switch,       &s_switch_multi,     &s_bind,          &s_bind_several,
    &s_reset,        &s_reset_msi,    &s_reset_shared,     &s_mask,          &s_mask_command,
    &s_mask_none,    &s_mask_block,   &s_mask_early,       &s_move,          &s_move_block,
    &s_move_refused, &s_move_pending, &s_move_pending_msi, &s_shared,        &s_shared_goes,
    &s_domain,       &s_domain_large, &s_domain_late,      &s_domain_unused, &s_domain_single,
    &s_platdev,      &s_wired,        &s_wired_level,      &s_slot,          &s_spread,
    &s_spread_block, &s_retrigger,    &s_freed_pending,    &s_errors,        &s_intx,
    &s_intx_msi,     &s_intx_shared,  &s_intx_moves,       &s_intx_again,    &s_intx_masked,
    &s_intx_command, &s_intx_stands,  &s_intx_storm,       &s_intx_bridge,
};
const unsigned nr_scenarios = sizeof(scenarios) / sizeof(scenarios[0]);
