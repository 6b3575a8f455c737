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
        const std::uint32_t idle_ms = slot.tcb.keep_alive_idle_ms(tcp_config_);
        slot.tcb.timers.arm(tcp::Timer::KeepAlive, env_.after_ms(idle_ms));
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

struct Range {
    std::int64_t low;
    std::int64_t high;
};

// What connection.hpp promises for each option.
Range range_of(Option option, const tcp::Config& config) {
    constexpr std::int64_t kDay24Ms = 24LL * 24 * 3600 * 1000;
    switch (option) {
        case Option::no_delay:
        case Option::keep_alive:
            return {0, 1};
        case Option::user_timeout_ms:
            return {0, kDay24Ms};
        case Option::keep_alive_idle_ms:
        case Option::keep_alive_interval_ms:
            return {1, kDay24Ms};
        case Option::keep_alive_count:
            return {1, 127};
        case Option::linger_ms:
            return {-1, kDay24Ms};
        case Option::linger2_ms:
            return {-1, 120'000};
        case Option::rto_min_ms:
            return {0, std::min<std::uint32_t>(60'000, config.rto_max_ms)};
        case Option::receive_buffer_bytes:
            // The shift was negotiated from the configured size: a larger one cannot be offered.
            return {2'048, config.receive_buffer_bytes};
        case Option::send_buffer_bytes:
            return {2'048, 1LL << 30};
        case Option::dscp:
            return {0, 63};
        case Option::ttl:
            return {1, 255};
    }
    return {1, 0};  // no such option: nothing is within
}

}  // namespace

bool Stack::do_set_option(Connection connection, Option option, std::int64_t value) {
    TcbSlot* slot = find_slot(connection);
    if (slot == nullptr) return false;
    const Range range = range_of(option, tcp_config_);
    if (value < range.low || value > range.high) return false;
    set_option(connection.index(), option, value);
    return true;
}

// `value` is within its range.
void Stack::set_option(std::uint32_t index, Option option, std::int64_t value) {
    TcbSlot& slot = tcbs_[index];
    tcp::Tcb& tcb = slot.tcb;
    const auto word = static_cast<std::uint32_t>(value);
    switch (option) {
        case Option::no_delay:
            tcb.no_delay = value == 1;
            if (tcb.no_delay && slot.phase == TcbSlot::Phase::Live) want_transmission(index);
            return;
        case Option::user_timeout_ms:
            tcp::set_user_timeout(env_, tcb, word == 0 ? tcp_config_.user_timeout_ms : word);
            return follow_timers(index);
        case Option::keep_alive:
            if (!tcb.keep_alive) tcb.heard_at_ms = env_.now_ms();  // not kept till now
            tcb.keep_alive = value == 1;
            return arm_keep_alive(index);
        case Option::keep_alive_idle_ms:
            tcp::set_keep_alive_idle(env_, tcb, word);
            return follow_timers(index);
        case Option::keep_alive_interval_ms:
            tcp::set_keep_alive_interval(env_, tcb, word);
            return follow_timers(index);
        case Option::keep_alive_count:
            tcb.options(tcp_config_).keep_alive_count = static_cast<std::uint8_t>(value);
            return;
        case Option::linger_ms:
            tcb.options(tcp_config_).linger_ms = static_cast<std::int32_t>(value);
            return;
        case Option::linger2_ms:
            tcb.options(tcp_config_).linger2_ms = static_cast<std::int32_t>(value);
            return;
        case Option::rto_min_ms:  // 0 is the configured one again; what has been armed stays
            tcb.rtt.own_min_ms = static_cast<std::uint16_t>(value);
            return;
        case Option::receive_buffer_bytes:
            tcb.options(tcp_config_).receive_buffer_bytes = word;
            return;
        case Option::send_buffer_bytes:
            tcb.options(tcp_config_).send_buffer_bytes = word;
            return;
        case Option::dscp:
            slot.dscp = static_cast<std::uint8_t>(value);
            return;
        case Option::ttl:
            slot.ttl = static_cast<std::uint8_t>(value);
            return;
    }
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
