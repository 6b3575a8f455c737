#include "control/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace lastack::control {
namespace {

/// Colours appear on a terminal only; systemd's journal has its own time stamps, and keeps ours.
spdlog::logger& logger() {
    static const std::shared_ptr<spdlog::logger> instance = [] {
        auto made = std::make_shared<spdlog::logger>(
            "lastackd", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
        made->set_pattern("%Y-%m-%d %H:%M:%S.%e %n %^%l%$: %v");
        made->flush_on(spdlog::level::debug);
        return made;
    }();
    return *instance;
}

spdlog::level::level_enum to_spdlog(ControlOptions::LogLevel level) {
    switch (level) {
        case ControlOptions::LogLevel::debug:
            return spdlog::level::debug;
        case ControlOptions::LogLevel::info:
            return spdlog::level::info;
        case ControlOptions::LogLevel::warning:
            return spdlog::level::warn;
        case ControlOptions::LogLevel::error:
            break;
    }
    return spdlog::level::err;
}

spdlog::string_view_t view(std::string_view text) {
    return {text.data(), text.size()};
}

}  // namespace

void set_log_level(ControlOptions::LogLevel level) {
    logger().set_level(to_spdlog(level));
}

// The text is an argument, never the format: it may hold braces.
void log_debug(std::string_view text) {
    logger().debug("{}", view(text));
}
void log_info(std::string_view text) {
    logger().info("{}", view(text));
}
void log_warning(std::string_view text) {
    logger().warn("{}", view(text));
}
void log_error(std::string_view text) {
    logger().error("{}", view(text));
}

}  // namespace lastack::control
