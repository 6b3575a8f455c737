// What a load run found, with the conditions under which it did.
#include "service/json.hpp"
#include "service/load_client.hpp"

namespace lastack::service {
namespace {

double microseconds(std::chrono::nanoseconds value) {
    return static_cast<double>(value.count()) / 1e3;
}

double seconds(std::chrono::nanoseconds value) {
    return static_cast<double>(value.count()) / 1e9;
}

JsonObject latency(const Histogram& histogram) {
    return JsonObject()
        .add("count", histogram.count())
        .add("min", microseconds(histogram.min()))
        .add("mean", histogram.mean_ns() / 1e3)
        .add("p50", microseconds(histogram.quantile(0.5)))
        .add("p90", microseconds(histogram.quantile(0.9)))
        .add("p99", microseconds(histogram.quantile(0.99)))
        .add("p99_9", microseconds(histogram.quantile(0.999)))
        .add("p99_99", microseconds(histogram.quantile(0.9999)))
        .add("max", microseconds(histogram.max()));
}

JsonObject errors(const LoadTally& tally) {
    JsonObject object;
    for (std::size_t i = 0; i < kLoadErrors; ++i) {
        object.add(load_error_name(static_cast<LoadError>(i)), tally.errors[i]);
    }
    return object;
}

std::string_view closer_name(LoadOptions::FirstCloser closer) {
    return closer == LoadOptions::FirstCloser::client ? "client" : "server";
}

JsonObject conditions(const LoadOptions& options, std::uint32_t capacity, unsigned worker) {
    JsonObject object;
    const bool http = options.mode == LoadOptions::Mode::http;
    object.add("worker", worker)
        .add("mode", http ? "http" : "echo")
        .add("target", options.target.to_string())
        .add("loop", options.rate > 0 ? "open" : "closed")
        .add("first_closer", closer_name(options.first_closer))
        .add("abortive_close", options.abortive_close)
        .add("requests_per_connection", options.requests_per_connection)
        .add("local_addresses", options.local_addresses.size())
        .add("count", options.count)
        .add("duration_s", seconds(options.duration))
        .add("warm_up_s", seconds(options.warm_up))
        .add("timeout_s", seconds(options.timeout))
        .add("max_burst", options.max_burst);
    if (options.rate > 0) {
        object.add("rate", options.rate).add("max_connections", capacity);
    } else {
        object.add("concurrency", capacity);
    }
    if (http) object.add("method", options.post ? "POST" : "GET").add("path", options.path);
    if (!http || options.post) object.add("payload_bytes", options.payload_bytes);
    return object;
}

}  // namespace

std::string LoadClient::report() const {
    if (core_ == nullptr) return "{}";
    const std::chrono::nanoseconds until = talks_.in_use() > 0 ? core_->now() : last_end_;
    const double elapsed = seconds(until - measure_from_);
    const auto per_second = [elapsed](std::uint64_t count) {
        return elapsed > 0 ? static_cast<double>(count) / elapsed : 0.0;
    };
    return JsonObject()
        .add("service", "load")
        .add("finished", over())
        .add("gave_up", given_up_)
        .add("conditions", conditions(options_, capacity(), core_->worker()))
        .add("elapsed_s", elapsed)
        .add("open", talks_.in_use())
        .add("started", measured_.started)
        .add("succeeded", measured_.succeeded)
        .add("failed", measured_.failed())
        .add("errors", errors(measured_))
        .add("exchanges", measured_.exchanges)
        .add("connections_per_s", per_second(measured_.succeeded))
        .add("exchanges_per_s", per_second(measured_.exchanges))
        .add("bytes_sent", measured_.bytes_sent)
        .add("bytes_received", measured_.bytes_received)
        .add("worst_start_delay_us", microseconds(worst_start_delay_))
        .add("latency_us", JsonObject()
                               .add("connect", latency(latency_.connect))
                               .add("exchange", latency(latency_.exchange))
                               .add("close", latency(latency_.close)))
        .add("warm_up", JsonObject()
                            .add("started", warm_up_.started)
                            .add("succeeded", warm_up_.succeeded)
                            .add("failed", warm_up_.failed()))
        .text();
}

std::string_view load_error_name(LoadError error) {
    switch (error) {
        case LoadError::refused:
            return "refused";
        case LoadError::reset:
            return "reset";
        case LoadError::timed_out:
            return "timed_out";
        case LoadError::unreachable:
            return "unreachable";
        case LoadError::no_free_port:
            return "no_free_port";
        case LoadError::address_in_use:
            return "address_in_use";
        case LoadError::bad_address:
            return "bad_address";
        case LoadError::no_resources:
            return "no_resources";
        case LoadError::aborted:
            return "aborted";
        case LoadError::shut_down:
            return "shut_down";
        case LoadError::bad_answer:
            return "bad_answer";
        case LoadError::short_answer:
            return "short_answer";
    }
    return "?";
}

LoadError load_error_of(CloseReason reason) {
    switch (reason) {
        case CloseReason::orderly:
            return LoadError::short_answer;  // over before we were done
        case CloseReason::reset:
            return LoadError::reset;
        case CloseReason::refused:
            return LoadError::refused;
        case CloseReason::timed_out:
        case CloseReason::linger_expired:
            return LoadError::timed_out;
        case CloseReason::unreachable:
            return LoadError::unreachable;
        case CloseReason::aborted:
            return LoadError::aborted;
        case CloseReason::no_resources:
            return LoadError::no_resources;
        case CloseReason::shut_down:
            return LoadError::shut_down;
    }
    return LoadError::aborted;
}

LoadError load_error_of(Error error) {
    switch (error) {
        case Error::address_in_use:
            return LoadError::address_in_use;
        case Error::no_free_port:
            return LoadError::no_free_port;
        case Error::bad_address:
            return LoadError::bad_address;
        case Error::unreachable:
        case Error::quiet_time:  // nobody is, yet
            return LoadError::unreachable;
        case Error::none:  // is not asked about
        case Error::no_resources:
            return LoadError::no_resources;
    }
    return LoadError::no_resources;
}

}  // namespace lastack::service
