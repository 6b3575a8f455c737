// What each profile makes of the options that the RFCs, Linux and we disagree about.
//
// The list below is the only place that knows: the configuration file (tcp.profile), embedders
// (tcp_options()) and the table in docs/operations.md follow it. A profile gives defaults; whoever
// sets an option afterwards has the last word.
//
//     lastack::Options options;
//     options.tcp = lastack::tcp_options(lastack::Profile::rfc);
//     options.tcp.msl = std::chrono::seconds(30);
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "lastack/options.hpp"

namespace lastack {

/// One option of one row of section M, and its three defaults.
template <class T>
struct Conflict {
    using Value = T;

    std::string_view row;   ///< "M-1"
    std::string_view name;  ///< As in the file, without "tcp.".
    T TcpOptions::*option;
    T lastack;
    T linux_kernel;
    T rfc;

    constexpr T of(Profile profile) const {
        switch (profile) {
            case Profile::lastack:
                return lastack;
            case Profile::linux_kernel:
                return linux_kernel;
            case Profile::rfc:
                break;
        }
        return rfc;
    }
};

template <class T>
Conflict(std::string_view, std::string_view, T TcpOptions::*, std::type_identity_t<T>,
         std::type_identity_t<T>, std::type_identity_t<T>) -> Conflict<T>;

/// Calls `visit` with every Conflict, in the order of the rows. M-20 (source routes, security and
/// compartment) is no option: lastack has neither, and docs/operations.md says so.
template <class Visit>
constexpr void for_each_conflict(Visit&& visit) {
    using std::chrono::milliseconds;
    using T = TcpOptions;
    const auto row = [&visit](const auto& conflict) { visit(conflict); };
    // row, name in the file, option, and its values: lastack, linux, rfc
    row(Conflict{"M-1", "rfc1337", &T::rfc1337, true, false, false});
    row(Conflict{"M-2", "tw_syn_reject", &T::tw_syn_reject, RejectedSyn::ack, RejectedSyn::ack,
                 RejectedSyn::ack});
    row(Conflict{"M-3", "tw_syn_new_timestamp", &T::tw_syn_new_timestamp, NewTimestamp::accept,
                 NewTimestamp::larger_seq, NewTimestamp::accept});
    row(Conflict{"M-4", "tw_restart", &T::tw_restart, TimeWaitRestart::rfc,
                 TimeWaitRestart::linux_kernel, TimeWaitRestart::rfc});
    row(Conflict{"M-5", "msl", &T::msl, milliseconds(30'000), milliseconds(30'000),
                 milliseconds(120'000)});
    row(Conflict{"M-6", "tw_return", &T::tw_return, true, false, true});
    row(Conflict{"M-7", "fin_timeout", &T::fin_timeout, milliseconds(60'000), milliseconds(60'000),
                 milliseconds(0)});
    row(Conflict{"M-8", "syn_linear_timeouts", &T::syn_linear_timeouts, 4, 4, 0});
    row(Conflict{"M-8", "syn_timeout", &T::syn_timeout, milliseconds(0), milliseconds(0),
                 milliseconds(180'000)});
    row(Conflict{"M-8", "synack_timeout", &T::synack_timeout, milliseconds(0), milliseconds(0),
                 milliseconds(180'000)});
    row(Conflict{"M-9", "rto_min", &T::rto_min, milliseconds(200), milliseconds(200),
                 milliseconds(1'000)});
    row(Conflict{"M-10", "orphan_data", &T::orphan_data, OrphanData::reset, OrphanData::reset,
                 OrphanData::reset});
    row(Conflict{"M-11", "icmp_hard", &T::icmp_hard, HardError::soft, HardError::soft,
                 HardError::abort});
    row(Conflict{"M-12", "icmp_soft_opening", &T::icmp_soft_opening, SoftError::fail,
                 SoftError::fail, SoftError::retry});
    row(Conflict{"M-13", "rst_after_fin", &T::rst_after_fin, true, true, false});
    row(Conflict{"M-13", "rst_at_sack_edge", &T::rst_at_sack_edge, false, true, false});
    row(Conflict{"M-14", "close_wait_reset", &T::close_wait_reset, CloseWaitReset::econnreset,
                 CloseWaitReset::epipe, CloseWaitReset::econnreset});
    row(Conflict{"M-15", "tw_overflow", &T::tw_overflow, TimeWaitOverflow::evict_oldest,
                 TimeWaitOverflow::drop_new, TimeWaitOverflow::evict_oldest});
    row(Conflict{"M-16", "tw_after_reset", &T::tw_after_reset, false, false, true});
    row(Conflict{"M-17", "syn_received_syn", &T::syn_received_syn, HalfOpenSyn::drop,
                 HalfOpenSyn::reset, HalfOpenSyn::drop});
    row(Conflict{"M-18", "missing_timestamp", &T::missing_timestamp, MissingTimestamp::drop,
                 MissingTimestamp::accept, MissingTimestamp::drop});
    row(Conflict{"M-19", "fin_at_zero_window", &T::fin_at_zero_window, ShutWindowFin::accept,
                 ShutWindowFin::accept, ShutWindowFin::reject});
    row(Conflict{"M-21", "tw_reuse", &T::tw_reuse, TimeWaitReuse::any, TimeWaitReuse::loopback,
                 TimeWaitReuse::never});
    row(Conflict{"M-22", "tw_rst_in_window", &T::tw_rst_in_window, TimeWaitReset::ignore,
                 TimeWaitReset::ignore, TimeWaitReset::ack});
    row(Conflict{"M-23", "closing_receive", &T::closing_receive, ClosingReceive::drain,
                 ClosingReceive::drain, ClosingReceive::refuse});
    row(Conflict{"M-24", "reset_unread", &T::reset_unread, ResetUnread::offer, ResetUnread::offer,
                 ResetUnread::flush});
    row(Conflict{"M-25", "passive_opens", &T::passive_opens, PassiveOpen::established,
                 PassiveOpen::established, PassiveOpen::syn});
    row(Conflict{"M-26", "orphan_data_reset", &T::orphan_data_reset, OrphanReset::seg_ack,
                 OrphanReset::seg_ack, OrphanReset::snd_nxt});
}

/// The options of a profile, all others at their defaults. tcp_options(Profile::lastack) is
/// TcpOptions{}.
constexpr TcpOptions tcp_options(Profile profile) {
    TcpOptions options;
    options.profile = profile;
    for_each_conflict([&options, profile](const auto& conflict) {
        options.*conflict.option = conflict.of(profile);
    });
    return options;
}

}  // namespace lastack
