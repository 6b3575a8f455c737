// What an application may set on a connection, and ask of it: include/lastack/connection.hpp.

#include <algorithm>

#include "stack/convert.hpp"
#include "stack/stack.hpp"
#include "tcp/call.hpp"

namespace lastack::stack {

using base::kNoIndex;

void Stack::arm_keep_alive(std::uint32_t tcb_index) {
    TcbSlot& slot = tcbs_[tcb_index];
    if (slot.phase != TcbSlot::Phase::Live) return;
    if (slot.tcb.keep_alive && tcp::keeps_alive(slot.tcb.state.get())) {
        slot.tcb.timers.arm(tcp::Timer::KeepAlive, env_.after_ms(slot.tcb.keep_alive_idle_ms));
    } else {
        slot.tcb.timers.disarm(tcp::Timer::KeepAlive);
    }
    arm_earliest(tcb_index);
}

// What is armed has changed.
void Stack::follow_timers(std::uint32_t tcb_index) {
    if (tcbs_[tcb_index].phase == TcbSlot::Phase::Live) arm_earliest(tcb_index);
}

namespace {

constexpr std::int64_t kDay24Ms = 24LL * 24 * 3600 * 1000;

bool within(std::int64_t value, std::int64_t low, std::int64_t high) {
    return value >= low && value <= high;
}

}  // namespace

/// Options that are times; nothing where it is another.
std::optional<bool> Stack::set_time(std::uint32_t tcb_index, Option option, std::int64_t value) {
    tcp::Tcb& tcb = tcbs_[tcb_index].tcb;
    const auto ms = static_cast<std::uint32_t>(value);
    switch (option) {
        case Option::user_timeout_ms:
            if (!within(value, 0, kDay24Ms)) return false;
            tcp::set_user_timeout(env_, tcb, value == 0 ? tcp_config_.user_timeout_ms : ms);
            follow_timers(tcb_index);
            return true;
        case Option::keep_alive_idle_ms:
            if (!within(value, 1, kDay24Ms)) return false;
            tcp::set_keep_alive_idle(env_, tcb, ms);
            follow_timers(tcb_index);
            return true;
        case Option::keep_alive_interval_ms:
            if (!within(value, 1, kDay24Ms)) return false;
            tcp::set_keep_alive_interval(env_, tcb, ms);
            follow_timers(tcb_index);
            return true;
        case Option::linger_ms:
            if (!within(value, -1, kDay24Ms)) return false;
            tcb.linger_ms = static_cast<std::int32_t>(value);
            return true;
        case Option::linger2_ms:
            if (!within(value, -1, 120'000)) return false;
            tcb.linger2_ms = static_cast<std::int32_t>(value);
            return true;
        case Option::rto_min_ms:
            // 0 is the configured one again; what has been armed stays.
            if (!within(value, 0, std::min<std::uint32_t>(60'000, tcp_config_.rto_max_ms))) {
                return false;
            }
            tcb.rtt.own_min_ms = static_cast<std::uint16_t>(value);
            return true;
        case Option::no_delay:
        case Option::keep_alive:
        case Option::keep_alive_count:
        case Option::receive_buffer_bytes:
        case Option::send_buffer_bytes:
        case Option::dscp:
        case Option::ttl:
            break;
    }
    return std::nullopt;
}

bool Stack::do_set_option(Connection connection, Option option, std::int64_t value) {
    TcbSlot* slot = find_slot(connection);
    if (slot == nullptr) return false;
    if (const auto done = set_time(connection.index(), option, value)) return *done;
    tcp::Tcb& tcb = slot->tcb;
    switch (option) {
        case Option::no_delay:
            if (!within(value, 0, 1)) return false;
            tcb.no_delay = value == 1;
            if (tcb.no_delay && slot->phase == TcbSlot::Phase::Live) {
                want_transmission(connection.index());
            }
            return true;
        case Option::keep_alive:
            if (!within(value, 0, 1)) return false;
            tcb.keep_alive = value == 1;
            arm_keep_alive(connection.index());
            return true;
        case Option::keep_alive_count:
            if (!within(value, 1, 127)) return false;
            tcb.keep_alive_count = static_cast<std::uint8_t>(value);
            return true;
        case Option::receive_buffer_bytes:
            // The shift was negotiated from the configured size: a larger one cannot be offered.
            if (!within(value, 2'048, tcp_config_.receive_buffer_bytes)) return false;
            tcb.receive_buffer_bytes = static_cast<std::uint32_t>(value);
            return true;
        case Option::send_buffer_bytes:
            if (!within(value, 2'048, 1LL << 30)) return false;
            tcb.send_buffer_bytes = static_cast<std::uint32_t>(value);
            return true;
        case Option::dscp:
            if (!within(value, 0, 63)) return false;
            slot->dscp = static_cast<std::uint8_t>(value);
            return true;
        case Option::ttl:
            if (!within(value, 1, 255)) return false;
            slot->ttl = static_cast<std::uint8_t>(value);
            return true;
        case Option::user_timeout_ms:
        case Option::keep_alive_idle_ms:
        case Option::keep_alive_interval_ms:
        case Option::linger_ms:
        case Option::linger2_ms:
        case Option::rto_min_ms:
            break;
    }
    return false;
}

void Stack::do_set_context(Connection connection, void* context) {
    if (TcbSlot* slot = find_slot(connection)) slot->context = context;
}

void* Stack::do_context(Connection connection) const {
    const TcbSlot* slot = find_slot(connection);
    return slot == nullptr ? nullptr : slot->context;
}

Endpoint Stack::do_local(Connection connection) const {
    const TcbSlot* slot = find_slot(connection);
    return slot == nullptr ? Endpoint{} : local_endpoint(slot->key);
}

Endpoint Stack::do_remote(Connection connection) const {
    const TcbSlot* slot = find_slot(connection);
    return slot == nullptr ? Endpoint{} : remote_endpoint(slot->key);
}

std::string_view Stack::do_state(Connection connection) const {
    if (!do_valid(connection)) return tcp::name(tcp::State::Closed);
    const TcbSlot& slot = tcbs_[connection.index()];
    if (slot.phase != TcbSlot::Phase::TimeWait) return tcp::name(slot.tcb.state.get());
    const std::uint32_t index = time_wait_of(slot);
    return tcp::name(index == kNoIndex ? tcp::State::Closed
                                       : time_waits_[index].record.state.get());
}

}  // namespace lastack::stack
