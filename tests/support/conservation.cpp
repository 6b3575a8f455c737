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
        check(StackFields::time_wait_wheel(stack_).armed_count() == waiting_,
              "a place in the wheel without a TIME-WAIT");
        check(port_users() == on_ports_, "the use of ports and the records differ");
        check(StackFields::pieces(stack_).in_use() == pieces_, "a piece that is in no queue");
        check(StackFields::runs(stack_).in_use() == runs_, "a run that is in no queue");
        check(StackFields::sacked(stack_).in_use() == sacked_, "a run that is on no scoreboard");
        check(waiting_at_doors() == half_open_, "the listeners and the half-open records differ");
        check(stack_.orphans() == orphans_, "the count of orphans and the records differ");
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

    /// How many elements of `pool` are chained from `first`; `each` sees them.
    template <class Pool, class Each>
    std::uint32_t chain(const Pool& pool, std::uint32_t first, Each&& each) {
        std::uint32_t count = 0;
        for (std::uint32_t i = first; i != base::kNoIndex; i = pool[i].next) {
            if (++count > pool.capacity()) {
                check(false, "a queue in a circle");
                break;
            }
            each(pool[i]);
        }
        return count;
    }

    // Once round the ring.
    std::uint32_t pieces_of(const tcp::PieceList& list) {
        const auto& pool = StackFields::pieces(stack_);
        std::uint32_t bytes = 0;
        std::uint32_t count = 0;
        for (std::uint32_t i = list.last; i != base::kNoIndex && count < pool.capacity();) {
            i = pool[i].next;
            bytes += pool[i].len_bytes;
            ++count;
            if (i == list.last) break;
        }
        check(count == list.pieces, "a list has lost count of its pieces");
        check(bytes == list.bytes, "a list has lost count of its bytes");
        return count;
    }

    void runs_of(const tcp::Reassembly& queue) {
        const std::uint32_t count =
            chain(StackFields::runs(stack_), queue.first,
                  [this](const tcp::Run& run) { pieces_ += pieces_of(run.pieces); });
        check(count == queue.runs, "a queue beyond a gap has lost count of its runs");
        runs_ += count;
    }

    void sacked_of(const tcp::Scoreboard& board) {
        std::uint32_t bytes = 0;
        const std::uint32_t count =
            chain(StackFields::sacked(stack_), board.first,
                  [&bytes](const tcp::SackedRun& run) { bytes += run.bytes(); });
        check(count == board.runs, "a scoreboard has lost count of its runs");
        check(bytes == board.bytes, "a scoreboard has lost count of its bytes");
        sacked_ += count;
    }

    void half_open() {
        const auto& syns = StackFields::syns(stack_);
        for (std::uint32_t i = 0; i < syns.capacity(); ++i) {
            if (syns[i].record.state.is(tcp::State::Closed)) continue;
            record(syns[i].record.state.get());
            ++half_open_;
            // Parked: it may have kept its place, or its time has come.
            const std::uint32_t parked = syns[i].parked;
            if (parked != base::kNoIndex && StackFields::time_waits(stack_)[parked].place != 0) {
                ++waiting_;
            }
            on_wheel(StackFields::syn_timer(stack_, i), syns[i].record.deadline_ms);
        }
    }

    void open() {
        const auto& tcbs = StackFields::tcbs(stack_);
        for (std::uint32_t i = 0; i < tcbs.capacity(); ++i) {
            const TcbSlot& slot = tcbs[i];
            if (slot.phase == TcbSlot::Phase::Free) continue;
            pieces_ += pieces_of(slot.tcb.send_queue);
            pieces_ += pieces_of(slot.tcb.receive_queue);
            runs_of(slot.tcb.out_of_order);
            sacked_of(slot.tcb.scoreboard);
            if (slot.orphan_counted) ++orphans_;
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
            if (slots[i].record.endless()) continue;  // M-7: in no wheel
            ++waiting_;
            check(slots[i].place != 0, "a TIME-WAIT that nothing ends");
            const auto next = StackFields::time_wait_wheel(stack_).next_deadline();
            if (!next) return check(false, "a TIME-WAIT in an empty wheel");
            const auto met = static_cast<std::uint32_t>(time::tick_of(*next));
            const auto now = static_cast<std::uint32_t>(time::tick_of(now_));
            const bool overdue = !tcp::ms_before(now, slots[i].record.deadline_ms);
            check(overdue || !tcp::ms_before(slots[i].record.deadline_ms, met),
                  "a TIME-WAIT that ends too late");
        }
    }

    std::uint32_t waiting_at_doors() const {
        const auto& listeners = StackFields::listeners(stack_);
        std::uint32_t count = 0;
        for (std::uint32_t i = 0; i < listeners.capacity(); ++i) {
            if (listeners[i].used) count += listeners[i].half_open;
        }
        return count;
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
    std::uint32_t waiting_ = 0;
    std::uint32_t on_ports_ = 0;
    std::uint32_t pieces_ = 0;
    std::uint32_t runs_ = 0;
    std::uint32_t sacked_ = 0;
    std::uint32_t half_open_ = 0;
    std::uint32_t orphans_ = 0;
};

}  // namespace

const char* numbers_fault(const tcp::Tcb& tcb) {
    if (!tcb.snd.una.at_or_before(tcb.snd.nxt)) return "SND.UNA beyond SND.NXT";
    if (!tcb.snd.nxt.at_or_before(tcb.snd.max)) return "SND.NXT beyond SND.MAX";
    const tcp::Seq last = tcb.end_of_text() + (tcb.fin_queued ? 1U : 0U);
    if (!tcb.our_fin_acked() && !tcb.snd.max.at_or_before(last)) return "sent more than there was";
    if (tcb.state.is(tcp::State::SynSent)) return nullptr;
    if (!tcb.rcv.nxt.at_or_before(tcb.rcv.edge)) return "RCV.NXT beyond the window";
    if (tcb.fin_waits() && tcb.rcv.nxt.after(tcb.peer_fin_seq)) return "RCV.NXT beyond a FIN";
    if (!tcb.reordered && !tcb.out_of_order.empty()) return "text beyond a gap that is unknown";
    if (!tcb.was_sacked && !tcb.scoreboard.empty()) return "blocks that are unknown";
    return nullptr;
}

const char* conservation_fault(const stack::Stack& stack, time::Instant now,
                               std::uint64_t references) {
    return Walk(stack, now).fault(references);
}

}  // namespace lastack::test
