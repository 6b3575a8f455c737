#include "tests/support/conservation.hpp"

#include <array>

namespace lastack::test {

using stack::StackFields;
using stack::TcbSlot;

namespace {

class Walk {
  public:
    Walk(const stack::Stack& stack, time::Instant now) : stack_(stack), now_(now) {}

    const char* fault(std::uint64_t references) {
        half_open();
        open();
        time_wait();
        if (fault_ != nullptr) return fault_;
        check(StackFields::table(stack_).size() == in_table_, "the table and the records differ");
        check(StackFields::wheel(stack_).armed_count() == armed_ + application_timers(),
              "a timer without a record");
        check(port_users() == on_ports_, "the use of ports and the records differ");
        check(StackFields::pieces(stack_).in_use() == pieces_, "a piece that is in no queue");
        if (stack_.ip().waiting_frames() == 0) {
            check(references == pieces_, "a buffer that no piece holds");
        }
        for (std::size_t i = 0; i < tcp::kStateCount; ++i) {
            const auto state = static_cast<tcp::State>(i);
            if (state == tcp::State::Listen) continue;
            check(stack_.states().count(state) == states_[i], "a gauge of states is wrong");
        }
        return fault_;
    }

  private:
    void check(bool holds, const char* what) {
        if (!holds && fault_ == nullptr) fault_ = what;
    }

    void record(tcp::State state) {
        ++in_table_;
        ++states_[static_cast<std::size_t>(state)];
    }

    void on_wheel(std::uint32_t id, std::uint32_t deadline_ms) {
        const time::Wheel& wheel = StackFields::wheel(stack_);
        ++armed_;
        check(wheel.armed(id), "a deadline that is not on the wheel");
        if (!wheel.armed(id)) return;
        const auto met = static_cast<std::uint32_t>(time::tick_of(wheel.deadline(id)));
        check(!tcp::ms_before(met, deadline_ms), "on the wheel too early");
        const auto now = static_cast<std::uint32_t>(time::tick_of(now_));
        check(met == deadline_ms || !tcp::ms_before(now + 1, met), "on the wheel too late");
    }

    std::uint32_t pieces_of(std::uint32_t head) {
        const auto& pieces = StackFields::pieces(stack_);
        std::uint32_t count = 0;
        for (std::uint32_t i = head; i != base::kNoIndex; i = pieces[i].next) {
            if (++count <= pieces.capacity()) continue;
            check(false, "a queue in a circle");
            break;
        }
        return count;
    }

    std::uint32_t pieces_of(const tcp::Reassembly& queue) {
        const auto& runs = StackFields::runs(stack_);
        std::uint32_t count = 0;
        for (std::uint32_t i = queue.first; i != base::kNoIndex; i = runs[i].next) {
            count += pieces_of(runs[i].pieces.head);
        }
        return count;
    }

    void half_open() {
        const auto& syns = StackFields::syns(stack_);
        for (std::uint32_t i = 0; i < syns.capacity(); ++i) {
            if (syns[i].record.state.is(tcp::State::Closed)) continue;
            record(syns[i].record.state.get());
            on_wheel(StackFields::syn_timer(stack_, i), syns[i].record.deadline_ms);
        }
    }

    void open() {
        const auto& tcbs = StackFields::tcbs(stack_);
        for (std::uint32_t i = 0; i < tcbs.capacity(); ++i) {
            const TcbSlot& slot = tcbs[i];
            if (slot.phase == TcbSlot::Phase::Free) continue;
            pieces_ += pieces_of(slot.tcb.send_queue.head);
            pieces_ += pieces_of(slot.tcb.receive_queue.head);
            pieces_ += pieces_of(slot.tcb.out_of_order);
            if (slot.phase != TcbSlot::Phase::Live) continue;
            record(slot.tcb.state.get());
            ++on_ports_;
            if (const char* wrong = numbers_fault(slot.tcb)) check(false, wrong);
            const auto next = slot.tcb.timers.earliest();
            if (next) on_wheel(StackFields::tcb_timer(stack_, i), next->deadline_ms);
        }
    }

    void time_wait() {
        const auto& slots = StackFields::time_waits(stack_);
        on_ports_ += slots.in_use();  // those that a SYN has reopened as well (C-11)
        for (std::uint32_t i = 0; i < slots.capacity(); ++i) {
            if (slots[i].record.state.is(tcp::State::Closed)) continue;
            record(slots[i].record.state.get());
            on_wheel(StackFields::time_wait_timer(stack_, i), slots[i].record.deadline_ms);
        }
    }

    std::uint32_t port_users() const {
        const auto& use = StackFields::port_use(stack_);
        std::uint32_t users = 0;
        for (std::uint32_t i = 0; i < use.counters(); ++i) {
            users += use.conflicts(static_cast<std::uint16_t>(i), false);
        }
        return users;
    }

    std::uint32_t application_timers() const {
        std::uint32_t count = 0;
        const auto& timers = StackFields::timers(stack_);
        for (std::uint32_t i = 0; i < timers.capacity(); ++i) {
            count += timers[i].handler != nullptr && !timers[i].due ? 1U : 0U;
        }
        return count;
    }

    const stack::Stack& stack_;
    time::Instant now_;
    const char* fault_ = nullptr;
    std::array<std::uint32_t, tcp::kStateCount> states_{};
    std::uint32_t in_table_ = 0;
    std::uint32_t armed_ = 0;
    std::uint32_t on_ports_ = 0;
    std::uint32_t pieces_ = 0;
};

}  // namespace

const char* numbers_fault(const tcp::Tcb& tcb) {
    if (!tcb.snd.una.at_or_before(tcb.snd.nxt)) return "SND.UNA beyond SND.NXT";
    if (!tcb.snd.nxt.at_or_before(tcb.snd.max)) return "SND.NXT beyond SND.MAX";
    const tcp::Seq last = tcb.end_of_text() + (tcb.fin_queued ? 1U : 0U);
    if (!tcb.our_fin_acked() && !tcb.snd.max.at_or_before(last)) return "sent more than there was";
    if (tcb.state.is(tcp::State::SynSent)) return nullptr;
    if (!tcb.rcv.nxt.at_or_before(tcb.rcv.edge)) return "RCV.NXT beyond the window";
    if (tcb.peer_fin_taken && tcb.rcv.nxt != tcb.rcv.fin_seq + 1) return "RCV.NXT beyond a FIN";
    return nullptr;
}

const char* conservation_fault(const stack::Stack& stack, time::Instant now,
                               std::uint64_t references) {
    return Walk(stack, now).fault(references);
}

}  // namespace lastack::test
