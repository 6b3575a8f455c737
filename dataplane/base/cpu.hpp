// Does this CPU have what we were compiled for?
//
// The option `cpu` sets -march for everything but DPDK's own libraries, so a build made on one
// machine may die of an illegal instruction on another. main() asks here before anything else.
#pragma once

namespace lastack::base {

/// True where this CPU has every instruction set that the build may use.
bool cpu_supported();

/// One line for the operator: what is missing, and the remedy; nullptr where nothing is. The text
/// lives until the next call; called once, at start.
const char* cpu_complaint();

}  // namespace lastack::base
