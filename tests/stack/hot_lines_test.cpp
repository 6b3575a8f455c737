// Which cache lines of a connection's slot a simple life needs: it opens, takes a request, answers
// and closes, with time stamps and SACK, and nothing is lost (docs/architecture.md, "Records").
//
// Once the connection is open all that lies behind the hot lines is filled with nonsense. The life
// must go on as if it were not there, and leave it as it is: it neither goes by the cold part nor
// writes to it. Under AddressSanitizer a look at it is enough to fail.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "stack/fields.hpp"
#include "tests/stack/conversation.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define LASTACK_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LASTACK_ASAN 1
#endif
#endif
#if defined(LASTACK_ASAN)
#include <sanitizer/asan_interface.h>
#endif

namespace lastack::test {
namespace {

using stack::StackFields;
using stack::TcbSlot;

constexpr std::size_t kHotLines = 3;  // the stack's, and two of the Tcb
constexpr std::byte kNonsense{0xa5};

/// The cold part of a slot, as nonsense that nobody may look at, for as long as this lives.
class Forbidden {
  public:
    explicit Forbidden(TcbSlot& slot)
        : cold_(std::span(reinterpret_cast<std::byte*>(&slot), sizeof(TcbSlot))
                    .subspan(kHotLines * base::kCacheLine)) {
        std::memcpy(before_.data(), cold_.data(), cold_.size());
        std::ranges::fill(cold_, kNonsense);
#if defined(LASTACK_ASAN)
        __asan_poison_memory_region(cold_.data(), cold_.size());
#endif
    }
    ~Forbidden() {
#if defined(LASTACK_ASAN)
        __asan_unpoison_memory_region(cold_.data(), cold_.size());
#endif
        const auto changed =
            std::ranges::find_if(cold_, [](std::byte octet) { return octet != kNonsense; });
        EXPECT_EQ(changed, cold_.end())
            << "octet " << changed - cold_.begin() << " of the cold part";
        std::memcpy(cold_.data(), before_.data(), cold_.size());
    }
    Forbidden(const Forbidden&) = delete;
    Forbidden& operator=(const Forbidden&) = delete;

  private:
    std::span<std::byte> cold_;
    std::array<std::byte, sizeof(TcbSlot)> before_{};
};

class HotLines : public testing::Test, protected Conversation {
  protected:
    std::uint32_t iss = 0;

    void open() {
        listen();
        wire::TcpOptions options{.mss = 1'460, .window_scale = 7, .sack_permitted = true};
        options.timestamps = wire::Timestamps{1'000, 0};
        iss = peer.open(1'000, options);
        ASSERT_EQ(state(), "ESTABLISHED");
        const TcbSlot& slot = StackFields::tcbs(host.stack())[host.app().last.index()];
        ASSERT_TRUE(slot.tcb.timestamps);
        ASSERT_TRUE(slot.tcb.sack);
        ASSERT_EQ(slot.tcb.snd_shift, 7U);
    }
    TcbSlot& slot() { return StackFields::tcbs(host.stack())[host.app().last.index()]; }

    void arrive(Wire segment) {
        host.advance(3ms);
        segment.options.timestamps = wire::Timestamps{1'005, 0};
        segment.window = 500;
        peer.send(segment);
    }
    void request() {
        arrive({.flags = "PA", .seq = 1'001, .ack = iss + 1, .text = std::string(60, 'q')});
    }
    void answer(Connection accepted) {
        EXPECT_EQ(accepted.send(as_bytes(std::string(200, 'a'))), 200U);
    }
};

TEST_F(HotLines, the_side_that_closes_first_needs_three_lines) {
    open();
    host.app().at_data = [&](Connection accepted, std::string_view text) {
        answer(accepted);
        accepted.close();
        return text.size();
    };
    {
        const Forbidden cold(slot());
        request();
        EXPECT_EQ(host.sent(), (Trace{{"FPA", iss + 1, 1'061, std::string(200, 'a')}}));
        arrive({.flags = "FA", .seq = 1'061, .ack = iss + 202});
        EXPECT_EQ(host.sent(), (Trace{{"A", iss + 202, 1'062}}));
        EXPECT_EQ(state(), "TIME-WAIT");
    }
    EXPECT_EQ(host.app().events, (std::vector<std::string>{"open", "data 60", "closed orderly"}));
    host.advance(61s);
    EXPECT_TRUE(host.stack().quiescent());
}

TEST_F(HotLines, so_it_does_where_the_answer_is_late_and_the_peers_FIN_apart) {
    open();
    {
        const Forbidden cold(slot());
        request();
        host.advance(50ms);  // the delayed ACK
        EXPECT_EQ(host.sent(), (Trace{{"A", iss + 1, 1'061}}));
        Connection accepted = host.app().last;
        answer(accepted);
        accepted.shutdown_write();
        host.turn();
        EXPECT_EQ(host.sent(), (Trace{{"FPA", iss + 1, 1'061, std::string(200, 'a')}}));
        arrive({.flags = "A", .seq = 1'061, .ack = iss + 202});
        EXPECT_EQ(state(), "FIN-WAIT-2");
        arrive({.flags = "FA", .seq = 1'061, .ack = iss + 202});
        EXPECT_EQ(state(), "TIME-WAIT");
        accepted.close();
        host.turn();
        EXPECT_EQ(host.sent(), (Trace{{"A", iss + 202, 1'062}}));
    }
    host.advance(61s);
    EXPECT_TRUE(host.stack().quiescent());
}

TEST_F(HotLines, an_orphan_becomes_a_compact_record_from_them) {
    open();
    {
        const Forbidden cold(slot());
        request();
        Connection accepted = host.app().last;
        answer(accepted);
        accepted.close();
        host.turn();
        arrive({.flags = "A", .seq = 1'061, .ack = iss + 202});
        EXPECT_EQ(state(), "FIN-WAIT-2");
        EXPECT_EQ(slot().phase, TcbSlot::Phase::Free);
        arrive({.flags = "FA", .seq = 1'061, .ack = iss + 202});
        EXPECT_EQ(state(), "TIME-WAIT");
    }
    host.advance(61s);
    EXPECT_TRUE(host.stack().quiescent());
}

TEST_F(HotLines, the_side_that_closes_last_needs_three_lines) {
    open();
    host.app().at_data = [&](Connection accepted, std::string_view text) {
        answer(accepted);
        return text.size();
    };
    host.app().at_peer_closed = [](Connection accepted) { accepted.close(); };
    {
        const Forbidden cold(slot());
        arrive({.flags = "FPA", .seq = 1'001, .ack = iss + 1, .text = std::string(60, 'q')});
        EXPECT_EQ(host.sent(), (Trace{{"FPA", iss + 1, 1'062, std::string(200, 'a')}}));
        EXPECT_EQ(state(), "LAST-ACK");
        arrive({.flags = "A", .seq = 1'062, .ack = iss + 202});
        EXPECT_EQ(state(), "CLOSED");
    }
    EXPECT_EQ(host.app().events,
              (std::vector<std::string>{"open", "data 60", "peer closed", "closed orderly"}));
    EXPECT_TRUE(host.stack().quiescent());
}

// What opening writes behind the hot lines is what making the slot has left there, but for the
// peer's MSS and the two numbers that its SYN and ours have brought.
TEST_F(HotLines, a_slot_is_new_behind_them_when_it_has_opened) {
    open();
    static TcbSlot fresh{};  // static: its padding is zero, as that of a slot
    fresh.tcb.iss = slot().tcb.iss;
    fresh.tcb.irs = slot().tcb.irs;
    fresh.tcb.peer_mss = slot().tcb.peer_mss;
    constexpr std::size_t kHot = kHotLines * base::kCacheLine;
    const auto* made = reinterpret_cast<const std::byte*>(&slot());
    const auto* expected = reinterpret_cast<const std::byte*>(&fresh);
    constexpr std::size_t kMembers =
        offsetof(TcbSlot, copied_bytes) + sizeof(TcbSlot::copied_bytes);
    EXPECT_TRUE(std::equal(made + kHot, made + kMembers, expected + kHot));
}

}  // namespace
}  // namespace lastack::test
