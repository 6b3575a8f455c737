// When connections start: at their due times (open loop), or as others end (closed loop).
#include <algorithm>
#include <cmath>

#include "service/load_client.hpp"
#include "service/pattern.hpp"

namespace lastack::service {
namespace {

using std::chrono::nanoseconds;

/// Connections that cannot be started now are tried again after this.
constexpr nanoseconds kRetry = std::chrono::milliseconds(1);
constexpr std::uint32_t kClosedLoopBurst = 256;
constexpr std::uint32_t kLeastBurst = 16;
constexpr std::uint32_t kUsualConnections = 65'536;

/// N of "/bytes/N", or 0.
std::uint64_t bytes_of_path(std::string_view path) {
    constexpr std::string_view kBytes = "/bytes/";
    if (!path.starts_with(kBytes)) return 0;
    return std::strtoull(std::string(path.substr(kBytes.size())).c_str(), nullptr, 10);
}

}  // namespace

/// What is wrong with the options; empty where nothing is.
std::string_view LoadClient::unusable() const {
    const LoadOptions& o = options_;
    if (o.target.port == 0 || o.target.address.is_unspecified()) {
        return "target needs an address and a port, such as \"198.18.0.1:80\"";
    }
    if (o.count == 0 && o.duration.count() == 0) return "set count or duration, or it never ends";
    if (!(o.rate >= 0) || std::isinf(o.rate)) return "rate must be 0 (closed loop) or above";
    if (o.rate == 0 && o.concurrency == 0U) return "set rate (open loop) or concurrency (closed)";
    if (o.max_connections == 0U) return "max_connections must be above 0";
    if (o.requests_per_connection == 0) return "requests_per_connection must be above 0";
    if (o.abortive_close && o.first_closer == LoadOptions::FirstCloser::server) {
        return "abortive_close needs first_closer client";
    }
    if (o.timeout.count() <= 0) return "timeout must be above 0";
    if (o.mode == LoadOptions::Mode::echo) {
        if (o.payload_bytes == 0)
            return "payload_bytes must be above 0: echo has to send something";
        if (o.first_closer == LoadOptions::FirstCloser::server) {
            return "an echo server never closes first; set first_closer to client";
        }
        return {};
    }
    const bool sound_path =
        o.path.starts_with('/') && o.path.size() <= 4'000 &&
        std::all_of(o.path.begin(), o.path.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    return sound_path ? "" : "path must begin with / and hold no blanks or control characters";
}

bool LoadClient::start(Core& core, const std::function<void(std::string_view)>& complain) {
    core_ = &core;
    complain_ = complain;
    if (const std::string_view problem = unusable(); !problem.empty()) {
        complain("load: " + std::string(problem));
        return false;
    }
    prepare();
    begin_ = core.now();
    measure_from_ = begin_ + options_.warm_up;
    last_end_ = measure_from_;
    timer_ = core.start_timer(nanoseconds(0), *this, 0);
    if (!timer_.valid()) complain("load: no timer is free; raise limits.max_timers");
    return timer_.valid();
}

/// How many connections may be open at a time.
std::uint32_t LoadClient::capacity() const {
    if (!open_loop()) return options_.concurrency.value_or(1);
    return options_.max_connections.value_or(kUsualConnections);
}

void LoadClient::prepare() {
    talks_.reserve(capacity());
    deadlines_.start(*core_, *this, capacity(), {options_.timeout});
    (void)pattern_at(0, 1);  // makes the pattern now, not under the first exchange
    if (options_.max_burst == 0) {
        const auto share = static_cast<std::uint32_t>(std::min(options_.rate / 250, 1e6));
        options_.max_burst = open_loop() ? std::max(share, kLeastBurst) : kClosedLoopBurst;
    }
    if (options_.mode == LoadOptions::Mode::echo) return;
    head_ = (options_.post ? "POST " : "GET ") + options_.path +
            " HTTP/1.1\r\nHost: " + options_.target.to_string() +
            "\r\nUser-Agent: lastack-load\r\n";
    if (options_.post)
        head_ += "Content-Length: " + std::to_string(options_.payload_bytes) + "\r\n";
    const bool server_closes = options_.first_closer == LoadOptions::FirstCloser::server;
    last_head_ = head_ + (server_closes ? "Connection: close\r\n\r\n" : "\r\n");
    head_ += "\r\n";
    const bool echoed = options_.post && options_.path == "/echo";
    const bool pattern = !options_.post && options_.path.starts_with("/bytes/");
    compare_body_ = echoed || pattern;
    expected_body_ = echoed ? options_.payload_bytes : bytes_of_path(options_.path);
}

/// Open loop: the instant of the next connection. Closed loop: now.
nanoseconds LoadClient::next_due() const {
    if (!open_loop()) return core_->now();
    const double ns = static_cast<double>(due_count_) * 1e9 / options_.rate;
    return begin_ + nanoseconds(static_cast<std::int64_t>(ns));
}

/// Whether the run still includes a connection that is due then.
bool LoadClient::may_start(nanoseconds due) const {
    if (draining_) return false;
    if (options_.count != 0 && measured_.started >= options_.count) return false;
    return options_.duration.count() == 0 || due < measure_from_ + options_.duration;
}

bool LoadClient::finished() const {
    return over() && !options_.stay;
}

bool LoadClient::over() const {
    return core_ != nullptr && talks_.in_use() == 0 && (given_up_ || !may_start(next_due()));
}

void LoadClient::on_timer(std::uint64_t) {
    timer_ = {};
    start_what_is_due();
}

/// Starts at most a burst. What is due and could not be started stays due: its latency grows.
void LoadClient::start_what_is_due() {
    for (std::uint32_t i = 0; i < options_.max_burst; ++i) {
        const nanoseconds due = next_due();
        if (due > core_->now() || !may_start(due) || talks_.in_use() == talks_.capacity()) break;
        // In the open loop one that fails at once was due, and counts; so is the next one. In the
        // closed loop the next attempt would only fail the same way: it waits for kRetry.
        if (!start_one(due) && !open_loop()) break;
    }
    arm();
}

/// Looks again when the next one is due. Without a free slot nothing can start: on_closed calls. So
/// it does where no timer is free; where nothing is open either, the run cannot go on, and ends.
void LoadClient::arm() {
    const nanoseconds due = next_due();
    const bool full = talks_.in_use() == talks_.capacity();
    if (timer_.valid() || full || !may_start(due)) return;
    const nanoseconds wait = std::max(due - core_->now(), open_loop() ? nanoseconds(0) : kRetry);
    timer_ = core_->start_timer(wait, *this, 0);
    if (timer_.valid() || talks_.in_use() > 0) return;
    given_up_ = true;
    complain_("load: no timer is free, and the run ends early; raise limits.max_timers");
}

/// False where the attempt failed at once.
bool LoadClient::start_one(nanoseconds due) {
    Talk* talk = talks_.acquire();
    *talk = Talk();
    talk->measured = due >= measure_from_;
    talk->began = due;
    ++due_count_;
    ++tally(*talk).started;
    worst_start_delay_ = std::max(worst_start_delay_, core_->now() - due);
    const ConnectResult result = connect(talk);
    if (!result) {
        count_error(*talk, load_error_of(result.error));
        if (talk->measured) last_end_ = core_->now();
        talks_.release(talk);
        return false;
    }
    talk->connection = result.connection;
    talk->phase = Talk::Phase::opening;
    touch(*talk);
    return true;
}

/// From the next local address; where its ports are used up, from the others.
ConnectResult LoadClient::connect(Talk* talk) {
    const std::size_t addresses = options_.local_addresses.size();
    ConnectResult result;
    for (std::size_t i = 0; i < std::max<std::size_t>(addresses, 1); ++i) {
        ConnectOptions how{.local = {}, .context = talk};
        if (addresses > 0) how.local.address = options_.local_addresses[next_local_++ % addresses];
        result = core_->connect(options_.target, *this, how);
        if (result.error != Error::no_free_port && result.error != Error::address_in_use) break;
    }
    return result;
}

ApplicationFactory make_load(LoadOptions options) {
    return
        [options = std::move(options)](unsigned) { return std::make_unique<LoadClient>(options); };
}

}  // namespace lastack::service
