// DPDK's own log lines: kept quiet, and quoted where they explain an error.
//
// DPDK writes why something failed to its log and returns only a number. While lastack starts, the
// lines go into a short memory; an Error quotes the first of them. Afterwards lines of level ERR
// and worse go to stderr, one prefix before each.
//
// Any thread may log, for DPDK has threads of its own.
#pragma once

#include <string>

namespace lastack::port {

class DpdkLog {
  public:
    /// Takes DPDK's log stream. Once per process, before rte_eal_init().
    static void capture();

    /// Lines that DPDK printed elsewhere, as if it had logged them; lines known already are not
    /// repeated.
    static void add(const std::string& text);

    /// Forgets the lines so far, so that words() speaks of what comes now.
    static void mark();

    /// The first lines that DPDK wrote since mark(), as `, DPDK says "..., ..."`; empty where there
    /// were none. The first tell the cause, those behind them what followed from it.
    static std::string words();

    /// From now on lines are also written to stderr.
    static void pass_on(bool yes);
};

}  // namespace lastack::port
