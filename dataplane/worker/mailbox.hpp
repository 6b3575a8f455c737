// How other threads have something done by a worker: commands in a ring, run between two turns.
//
//     any thread                        the worker
//       ask(function, patience)
//         enqueue ------------------->  work_off(): run it, acknowledge
//         wait, at most `patience`  <-  semaphore
//         result, or timed_out
//
// The ring has many producers and one consumer, in DPDK's RTS mode: a producer that is preempted
// half-way delays when its successors' commands become visible, but makes none of them spin, and
// never the worker. (HTS would make them spin.)
//
// A command belongs to both sides, and whoever lets go of it last frees it. A question that was
// given up is marked, and skipped when the worker comes to it; one that is running just then
// finishes into the command's own memory. So an impatient caller costs nothing but its answer.
#pragma once

#include <rte_ring.h>
#include <semaphore.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "worker/inspector.hpp"

namespace lastack::worker {

/// One thing to do on the worker's thread.
class Command {
  public:
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;

  protected:
    Command();
    virtual ~Command();

  private:
    friend class Mailbox;
    virtual void run() = 0;

    enum class State : std::uint8_t { Waiting, Running, Done, Abandoned, Refused };
    void let_go();

    std::atomic<State> state_{State::Waiting};
    std::atomic<int> holders_{2};  // who asks and who answers
    sem_t answered_{};
};

class Mailbox {
  public:
    static constexpr unsigned kCapacity = 256;

    /// `owner` names the worker in complaints: "worker 0".
    Mailbox(unsigned worker, int socket);
    ~Mailbox();
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    /// Has `function()` called on the worker's thread and returns its result. Any thread but the
    /// worker's own.
    template <class Function, class Result = decltype(std::declval<Function&>()())>
    Answer<Result> ask(Function function, Patience patience);

    /// The worker's thread: runs at most `at_most` commands and returns how many it took.
    std::uint32_t work_off(std::uint32_t at_most);

    /// The worker runs no more: questions that wait, and all later ones, are refused.
    void close();

    std::string complaint(Outcome outcome, Patience patience) const;

  private:
    Outcome deliver(Command& command, Patience patience);
    bool next(Command*& command);

    unsigned worker_;
    rte_ring* ring_ = nullptr;
    std::atomic<bool> closed_{false};
};

template <class Function, class Result>
Answer<Result> Mailbox::ask(Function function, Patience patience) {
    struct Question final : Command {
        explicit Question(Function&& f) : function(std::move(f)) {}
        void run() override { result = function(); }
        Function function;
        Result result{};
    };
    auto* const question = new Question(std::move(function));
    Answer<Result> answer;
    answer.outcome = deliver(*question, patience);
    if (answer) {
        answer.value = std::move(question->result);
    } else {
        answer.complaint = complaint(answer.outcome, patience);
    }
    static_cast<Command*>(question)->let_go();
    return answer;
}

}  // namespace lastack::worker
