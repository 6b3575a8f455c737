#include "tests/bench/timewait/host.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "lastack/connection.hpp"

namespace lastack::bench {

namespace {

constexpr Mac kLastackMac{0x02, 0x6c, 0x61, 0, 0, 1};
constexpr Mac kPeerMac{0x02, 0x67, 0x65, 0x6e, 0, 1};
constexpr Stations kStations{.lastack = kLastackMac, .generator = kPeerMac};
constexpr std::uint32_t kRequestBytes = 64;

// Enough addresses for every record to have a tuple of its own.
Plan plan_of(std::uint32_t records) {
    Plan plan;
    plan.sources = records / plan.ports + 2;
    return plan;
}

Template template_of(std::uint8_t flags, std::span<const std::byte> text = {}) {
    return {kStations.lastack, kStations.generator, flags, true, text};
}

}  // namespace

// --- the shell

BenchShell::BenchShell() : blocks_(kBlocks) {
    for (std::uint32_t i = 0; i < kBlocks; ++i) free_.push_back(kBlocks - 1 - i);
}

base::BufferRef BenchShell::allocate(std::size_t len_bytes) {
    if (free_.empty() || len_bytes > kRoom) return nullptr;
    Block& block = blocks_[free_.back()];
    free_.pop_back();
    block.references = 1;
    return reinterpret_cast<base::BufferRef>(&block);
}

std::span<std::byte> BenchShell::room(base::BufferRef buffer) {
    return reinterpret_cast<Block*>(buffer)->bytes;
}

void BenchShell::retain(base::BufferRef buffer) {
    ++reinterpret_cast<Block*>(buffer)->references;
}

void BenchShell::release(base::BufferRef buffer) {
    auto* const block = reinterpret_cast<Block*>(buffer);
    if (--block->references > 0) return;
    free_.push_back(static_cast<std::uint32_t>(block - blocks_.data()));
}

stack::Frame BenchShell::frame(std::size_t bytes) {
    const base::BufferRef buffer = allocate(bytes);
    if (buffer == nullptr) {
        std::fprintf(stderr, "bench: a buffer was not given back\n");
        std::exit(1);
    }
    return {.buffer = buffer, .bytes = base::Bytes(room(buffer)).first(bytes)};
}

std::byte* BenchShell::bytes_of(const stack::Frame& frame) {
    return room(frame.buffer).data();
}

void BenchShell::transmit(const stack::OutFrame& frame) {
    if (sent_ >= kKept) return;
    Kept& kept = kept_[sent_++];
    kept.size = frame.header.size();
    std::memcpy(kept.bytes.data(), frame.header.data(), kept.size);
    for (const stack::OutPiece& piece : frame.text) {
        if (kept.size + piece.bytes.size() > kept.bytes.size()) std::abort();
        std::memcpy(kept.bytes.data() + kept.size, piece.bytes.data(), piece.bytes.size());
        kept.size += piece.bytes.size();
    }
}

// --- the applications

std::size_t Service::on_data(Connection connection, std::span<const Bytes> pieces) {
    std::size_t size = 0;
    for (const Bytes piece : pieces) {
        size += piece.size();
        connection.send(piece);
    }
    return size;
}

// --- the host

stack::Config TimeWaitHost::config(std::uint32_t records) {
    stack::Config config;
    config.interfaces.push_back({.mac = {kLastackMac}, .addresses = {{{Plan::kLastack}, 24}}});
    config.routes.push_back({.destination = {{}, 0}, .gateway = {Plan::kGateway}});
    config.tcp.msl = kMsl;
    config.limits.max_time_wait = records;
    config.limits.max_connections = 4'096;
    config.limits.max_half_open = 4'096;
    config.limits.max_timers = 16;
    config.limits.trace_events = 0;
    config.max_pieces = 16'384;
    config.secrets = {{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}, {11, 12}};
    return config;
}

TimeWaitHost::TimeWaitHost(std::uint32_t records)
    : syn(template_of(kSyn)),
      ack(template_of(kAck)),
      fin(template_of(kFin | kAck)),
      rst(template_of(kRst)),
      request(template_of(kAck | kPsh, text_of(kRequestBytes, kRequestSeed))),
      memory_(arena_bytes(records)),
      tuples_(plan_of(records)) {
    stack_ = &stack::Stack::create(config(records), memory_.bytes(), shell_, now_);
    for (const auto& [port, service] :
         {std::pair{kClosingPort, &closing_}, std::pair{kAnsweringPort, &answering_}}) {
        if (stack_->listen({Address{}, port}, *service, {})) continue;
        std::fprintf(stderr, "bench: no listener on port %u\n", unsigned{port});
        std::exit(1);
    }
    // It learns the gateway's address from our question.
    const stack::Frame frame = shell_.frame(kArpBytes);
    ask_arp(kPeerMac, shell_.bytes_of(frame));
    receive({&frame, 1});
    finish_turn();
    shell_.clear();
}

stack::Frame TimeWaitHost::make(const Template& kind, std::uint64_t life, std::uint32_t seq,
                                std::uint32_t ack_number, std::uint16_t port) {
    const Tuple tuple = tuples_.of(life);
    const stack::Frame frame = shell_.frame(kind.bytes());
    kind.make({.source = tuple.address,
               .destination = Plan::kLastack,
               .source_port = tuple.port,
               .destination_port = port,
               .seq = seq,
               .ack = ack_number,
               .ts_value = now_ms()},
              shell_.bytes_of(frame));
    return frame;
}

void TimeWaitHost::finish_turn() {
    stack_->serve(now_);
    stack_->transmit(now_);
}

std::uint32_t TimeWaitHost::time_waits() const {
    return stack_->gauges().count[static_cast<std::size_t>(tcp::State::TimeWait)];
}

Seen TimeWaitHost::seen(std::size_t i) const {
    Seen out;
    const Fault fault = i < shell_.sent() ? read_frame(shell_.sent_frame(i), out) : Fault::Link;
    if (fault == Fault::None) return out;
    std::fprintf(stderr, "bench: frame %zu of %zu is wrong: %s\n", i, shell_.sent(),
                 std::string(kFaultNames[static_cast<std::size_t>(fault)]).c_str());
    std::exit(1);
}

}  // namespace lastack::bench
