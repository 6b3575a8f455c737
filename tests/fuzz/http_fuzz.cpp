// The HTTP server under arbitrary input, in arbitrary pieces.
//
// The input is what a client sends; four control characters play the client's other acts: 0x01 ends
// a piece, 0x02 takes a little of what was sent, 0x03 lets a second pass, 0x04 sends FIN. So a seed
// is a readable request. FakeCore stops at every broken promise (more used up than offered, events
// without end), and the sanitizers at the rest. Beyond that, two oracles:
//   - afterwards nothing is left: no connection, no timer, no memory sent by reference;
//   - the same bytes, one at a time, are answered the same.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "service/http.hpp"
#include "tests/support/fake_core.hpp"

namespace {

using namespace std::chrono_literals;
using namespace lastack;

constexpr std::size_t kMostTaken = 100'000;

void require(bool condition, const char* what) {
    if (condition) return;
    std::fprintf(stderr, "http_fuzz: %s\n", what);
    std::abort();
}

class Conversation {
  public:
    explicit Conversation(std::size_t send_buffer) {
        service::HttpOptions options;
        options.max_connections = 2;
        options.max_target_bytes = 100;
        options.max_header_bytes = 600;
        options.max_header_fields = 12;
        options.max_body_bytes = 2'000;
        options.max_delay = 50ms;
        options.max_pipeline_burst = 4;
        core_.set_send_buffer(send_buffer);
        application_ = service::make_http(options)(0);
        application_->start(core_, [](std::string_view) { std::abort(); });
        connection_ = core_.accept(80);
    }

    void deliver(const std::string& piece) { core_.deliver(connection_, piece); }
    void take(std::size_t most) {
        if (sent_.size() < kMostTaken) sent_ += core_.take(connection_, most);
    }
    void pass(std::chrono::milliseconds time) { core_.advance(time); }
    void fin() { core_.deliver_fin(connection_); }

    /// Takes what is ready, for as long as there may be more.
    void settle() {
        for (int i = 0; i < 100; ++i) {
            take(kMostTaken);
            pass(1ms);
        }
    }
    /// Ends it and looks for what is left behind.
    void end() {
        if (!core_.over(connection_)) core_.fail(connection_, CloseReason::reset);
        require(core_.timers() == 0, "a timer is left behind");
        require(core_.references_held() == 0, "memory sent by reference was not released");
        require(core_.stale_calls() == 0, "a stale handle was used");
        require(application_->report().find("\"open\":0,") != std::string::npos, "a slot is left");
    }
    const std::string& sent() const { return sent_; }
    bool aborted() const { return core_.ending(connection_).aborted; }

  private:
    test::FakeCore core_;
    std::unique_ptr<Application> application_;
    Connection connection_;
    std::string sent_;
};

/// Plays the input with its control characters; returns the bytes without them.
std::string play(const std::string& input) {
    Conversation conversation(300);
    std::string piece;
    std::string plain;
    for (const char c : input) {
        if (c < '\x01' || c > '\x04') {
            piece += c;
            plain += c;
            continue;
        }
        conversation.deliver(piece);
        piece.clear();
        if (c == '\x02') conversation.take(50);
        if (c == '\x03') conversation.pass(1s);
        if (c == '\x04') conversation.fin();
    }
    conversation.deliver(piece);
    conversation.settle();
    conversation.end();
    return plain;
}

struct Outcome {
    std::string sent;
    bool aborted;
};

Outcome answer_to(const std::string& plain, bool byte_by_byte) {
    Conversation conversation(1 << 20);
    if (byte_by_byte) {
        for (const char c : plain) conversation.deliver(std::string(1, c));
    } else {
        conversation.deliver(plain);
    }
    conversation.settle();
    const Outcome outcome{.sent = conversation.sent(), .aborted = conversation.aborted()};
    conversation.end();
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4'096) return 0;
    const std::string plain = play(std::string(reinterpret_cast<const char*>(data), size));
    const Outcome whole = answer_to(plain, false);
    const Outcome bytes = answer_to(plain, true);
    require(whole.aborted == bytes.aborted, "the cut decides about a reset");
    // The chunks of an echo follow the cuts, and a reset throws away what was not sent yet.
    const bool comparable =
        !whole.aborted && whole.sent.find("Transfer-Encoding: chunked") == std::string::npos;
    require(!comparable || whole.sent == bytes.sent, "the cut decides about the answer");
    return 0;
}
