#include "worker/mailbox.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/port/eal_for_tests.hpp"

namespace lastack::worker {
namespace {

using std::chrono::milliseconds;

constexpr Patience kLong{10'000};

class MailboxTest : public testing::Test {
  protected:
    MailboxTest() { port::eal_of_tests(); }

    /// Works off commands on a thread of its own until told to stop.
    class Worker {
      public:
        explicit Worker(Mailbox& mailbox)
            : thread_([this, &mailbox] {
                  while (!stop_.load()) {
                      if (mailbox.work_off(4) == 0) std::this_thread::yield();
                  }
              }) {}
        ~Worker() {
            stop_ = true;
            thread_.join();
        }
        std::thread::id id() const { return thread_.get_id(); }

      private:
        std::atomic<bool> stop_{false};
        std::thread thread_;
    };

    Mailbox mailbox_{(port::eal_of_tests(), 0U), 0};
};

TEST_F(MailboxTest, AQuestionIsAnsweredOnTheWorkersThread) {
    const Worker worker(mailbox_);
    const auto answer = mailbox_.ask([] { return std::this_thread::get_id(); }, kLong);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer.value, worker.id());
    EXPECT_TRUE(answer.complaint.empty());
}

TEST_F(MailboxTest, AWorkerThatDoesNotLookIsNamed) {
    const auto answer = mailbox_.ask([] { return 1; }, milliseconds(5));
    EXPECT_EQ(answer.outcome, Outcome::timed_out);
    EXPECT_EQ(answer.complaint, "worker 0 did not answer within 5 ms");
}

TEST_F(MailboxTest, AnAbandonedQuestionIsSkippedAndItsMemoryFreed) {
    const auto token = std::make_shared<int>(0);
    const auto answer = mailbox_.ask(
        [token] {
            ++*token;
            return 1;
        },
        milliseconds(1));
    EXPECT_FALSE(answer);
    EXPECT_EQ(token.use_count(), 2) << "the ring still holds it";
    EXPECT_EQ(mailbox_.work_off(10), 1U);
    EXPECT_EQ(*token, 0) << "nobody wants the answer any more";
    EXPECT_EQ(token.use_count(), 1);
}

TEST_F(MailboxTest, AQuestionGivenUpWhileItRunsFinishesIntoItsOwnMemory) {
    std::atomic<bool> running{false};
    std::atomic<bool> go_on{false};
    const auto token = std::make_shared<int>(0);
    std::thread worker([&] {
        while (mailbox_.work_off(1) == 0) {
        }
    });
    const auto answer = mailbox_.ask(
        [&running, &go_on, token] {
            running = true;
            while (!go_on) std::this_thread::yield();
            return std::vector<int>(1000, 7);
        },
        milliseconds(20));
    EXPECT_EQ(answer.outcome, Outcome::timed_out);
    go_on = true;
    worker.join();
    EXPECT_TRUE(running);
    EXPECT_EQ(token.use_count(), 1);
}

TEST_F(MailboxTest, AFullMailboxSaysSo) {
    std::vector<std::thread> askers;
    std::atomic<unsigned> full{0};
    for (unsigned i = 0; i < 8; ++i) {
        askers.emplace_back([&] {
            for (unsigned n = 0; n < 40; ++n) {
                const auto answer = mailbox_.ask([] { return 0; }, milliseconds(0));
                if (answer.outcome == Outcome::mailbox_full) ++full;
            }
        });
    }
    for (std::thread& asker : askers) asker.join();
    EXPECT_EQ(full, 8 * 40 - (Mailbox::kCapacity - 1));
    EXPECT_EQ(mailbox_.work_off(1000), Mailbox::kCapacity - 1);
}

TEST_F(MailboxTest, AClosedMailboxRefusesAtOnce) {
    std::thread closer([this] {
        std::this_thread::sleep_for(milliseconds(5));
        mailbox_.close();
    });
    const auto waiting = mailbox_.ask([] { return 0; }, kLong);
    closer.join();
    EXPECT_EQ(waiting.outcome, Outcome::stopped);
    const auto later = mailbox_.ask([] { return 0; }, kLong);
    EXPECT_EQ(later.outcome, Outcome::stopped);
    EXPECT_EQ(later.complaint, "worker 0 has stopped");
}

// More threads than CPUs, so that producers are preempted anywhere; some have no patience at all.
TEST_F(MailboxTest, ManyProducersGetEachTheirOwnAnswer) {
    constexpr unsigned kProducers = 12;
    constexpr unsigned kQuestions = 400;
    std::atomic<unsigned> answered{0};
    std::atomic<unsigned> wrong{0};
    std::atomic<unsigned> unanswered{0};
    {
        const Worker worker(mailbox_);
        std::vector<std::thread> producers;
        for (unsigned p = 0; p < kProducers; ++p) {
            producers.emplace_back([&, p] {
                const Patience patience = p % 3 == 0 ? milliseconds(0) : kLong;
                for (unsigned q = 0; q < kQuestions; ++q) {
                    const unsigned number = p * kQuestions + q;
                    auto answer = mailbox_.ask([number] { return number; }, patience);
                    while (answer.outcome == Outcome::mailbox_full) {  // of abandoned questions
                        std::this_thread::yield();
                        answer = mailbox_.ask([number] { return number; }, patience);
                    }
                    if (!answer) {
                        ++unanswered;
                        if (patience == kLong) ++wrong;
                    } else if (answer.value == number) {
                        ++answered;
                    } else {
                        ++wrong;
                    }
                }
            });
        }
        for (std::thread& producer : producers) producer.join();
    }
    EXPECT_EQ(wrong, 0U);
    EXPECT_EQ(answered + unanswered, kProducers * kQuestions);
    EXPECT_GE(answered, kProducers / 3 * 2 * kQuestions);
}

}  // namespace
}  // namespace lastack::worker
