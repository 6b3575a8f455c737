#include "worker/mailbox.hpp"

#include <rte_errno.h>

#include <cerrno>
#include <ctime>

#include "base/assert.hpp"
#include "port/error.hpp"

namespace lastack::worker {

namespace {

timespec deadline_after(Patience patience) {
    constexpr long kNsPerSecond = 1'000'000'000;
    timespec at{};
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += patience.count() / 1000;
    at.tv_nsec += patience.count() % 1000 * 1'000'000;
    if (at.tv_nsec >= kNsPerSecond) {
        at.tv_nsec -= kNsPerSecond;
        ++at.tv_sec;
    }
    return at;
}

/// True where the semaphore was posted before the deadline.
bool wait_until(sem_t& semaphore, const timespec& deadline) {
    int result = 0;
    do {
        result = sem_clockwait(&semaphore, CLOCK_MONOTONIC, &deadline);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

}  // namespace

Command::Command() {
    const int result = sem_init(&answered_, 0, 0);
    LA_ASSERT(result == 0);
}

Command::~Command() {
    sem_destroy(&answered_);
}

void Command::let_go() {
    if (holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

Mailbox::Mailbox(unsigned worker, int socket) : worker_(worker) {
    const std::string name = "lastack-mail-" + std::to_string(worker);
    ring_ = rte_ring_create(name.c_str(), kCapacity, socket, RING_F_MP_RTS_ENQ | RING_F_SC_DEQ);
    if (ring_ == nullptr) {
        throw port::Error({.place = "worker " + std::to_string(worker),
                           .what = "no mailbox: " + port::errno_text(rte_errno),
                           .remedy = "raise eal.memory_mib"});
    }
    // As far apart as the ring is long: no producer ever waits for another one's end.
    rte_ring_set_prod_htd_max(ring_, kCapacity);
}

Mailbox::~Mailbox() {
    close();
    rte_ring_free(ring_);
}

Outcome Mailbox::deliver(Command& command, Patience patience) {
    if (closed_.load(std::memory_order_acquire)) {
        command.let_go();
        return Outcome::stopped;
    }
    // What the worker reads of the command is ordered by this word, whatever barriers the ring has.
    command.state_.store(Command::State::Waiting, std::memory_order_release);
    if (rte_ring_enqueue(ring_, &command) != 0) {
        command.let_go();
        return Outcome::mailbox_full;
    }
    const bool woken = wait_until(command.answered_, deadline_after(patience));
    Command::State state = Command::State::Waiting;
    if (!woken && command.state_.compare_exchange_strong(state, Command::State::Abandoned)) {
        return closed_.load(std::memory_order_acquire) ? Outcome::stopped : Outcome::timed_out;
    }
    state = command.state_.load(std::memory_order_acquire);
    if (state == Command::State::Done) return Outcome::answered;
    return state == Command::State::Refused ? Outcome::stopped : Outcome::timed_out;
}

bool Mailbox::next(Command*& command) {
    void* entry = nullptr;
    if (rte_ring_dequeue(ring_, &entry) != 0) return false;
    command = static_cast<Command*>(entry);
    return true;
}

std::uint32_t Mailbox::work_off(std::uint32_t at_most) {
    std::uint32_t taken = 0;
    Command* command = nullptr;
    for (; taken < at_most && next(command); ++taken) {
        Command::State state = Command::State::Waiting;
        if (command->state_.compare_exchange_strong(state, Command::State::Running)) {
            command->run();
            command->state_.store(Command::State::Done, std::memory_order_release);
            sem_post(&command->answered_);
        }
        command->let_go();
    }
    return taken;
}

void Mailbox::close() {
    closed_.store(true, std::memory_order_release);
    Command* command = nullptr;
    while (next(command)) {
        Command::State state = Command::State::Waiting;
        if (command->state_.compare_exchange_strong(state, Command::State::Refused)) {
            sem_post(&command->answered_);
        }
        command->let_go();
    }
}

std::string Mailbox::complaint(Outcome outcome, Patience patience) const {
    const std::string who = "worker " + std::to_string(worker_);
    switch (outcome) {
        case Outcome::answered:
            return {};
        case Outcome::timed_out:
            return who + " did not answer within " + std::to_string(patience.count()) + " ms";
        case Outcome::mailbox_full:
            return who + " has " + std::to_string(kCapacity) + " questions waiting already";
        case Outcome::stopped:
            return who + " has stopped";
        case Outcome::no_such_worker:
            return "there is no " + who;
    }
    return {};
}

}  // namespace lastack::worker
