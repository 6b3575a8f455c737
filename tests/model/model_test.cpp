// The scenarios explored to exhaustion. What each proves of every state, step and end is listed in
// world_check.cpp and ears.cpp; that an end is reached from everywhere, in explorer.cpp.
//
// LASTACK_LONG=1 explores the full bounds; LASTACK_MODEL_BOUNDS=211 sets losses, duplicates and
// timers that race, for one by hand.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/model/explorer.hpp"
#include "tests/model/scenarios.hpp"

namespace lastack::model {

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view{} : std::string_view(value);
}

Bounds bounds_of(const Case& explored) {
    if (const std::string_view digits = variable("LASTACK_MODEL_BOUNDS"); digits.size() == 3) {
        const auto digit = [&](std::size_t i) {
            return static_cast<std::uint8_t>(digits[i] - '0');
        };
        return {.losses = digit(0), .duplicates = digit(1), .races = digit(2)};
    }
    if (variable("LASTACK_LONG") == "1") return explored.full;
    return kSanitized ? explored.sanitized : explored.lowered;
}

void prove(const Case& explored) {
    Scenario scenario = explored.scenario;
    scenario.bounds = bounds_of(explored);
    if (kSanitized && !explored.sanitized_sends) {
        for (Program& program : scenario.programs) program.sends = 0;
        std::printf("  lowered: no send()\n");
    }
    const auto lower = [](const char* name, std::uint8_t used, std::uint8_t full) {
        if (used < full) std::printf("  lowered: %s %u instead of %u\n", name, used, full);
    };
    std::printf("%s: %s\n", scenario.name.c_str(), describe(scenario).c_str());
    lower("losses", scenario.bounds.losses, explored.full.losses);
    lower("duplicates", scenario.bounds.duplicates, explored.full.duplicates);
    lower("timers that race", scenario.bounds.races, explored.full.races);
    std::fflush(stdout);
    const Result result = explore(scenario);
    std::printf("  %s\n", describe(result).c_str());
    EXPECT_TRUE(result.proven) << result.failure;
    EXPECT_GT(result.ends, 0U);
}

}  // namespace

TEST(Model, client_closes_first_and_alone_waits_2MSL_C_1_C_2_C_5_S_61) {
    prove(client_closes_first());
}

TEST(Model, server_closes_first_C_1_C_2_C_5_S_61) {
    prove(server_closes_first());
}

TEST(Model, simultaneous_close_ends_in_every_order_K_7) {
    prove(simultaneous_close());
}

TEST(Model, three_segment_close_ends_in_every_order) {
    prove(three_segment_close());
}

TEST(Model, simultaneous_open_ends_in_every_order) {
    prove(simultaneous_open());
}

TEST(Model, half_close_delivers_what_follows_the_fin_of_the_other_direction) {
    prove(half_close_with_data());
}

TEST(Model, abort_at_any_moment_leaves_nothing_behind_J_36) {
    prove(abort_at_any_time());
}

TEST(Model, any_loss_among_the_segments_of_a_simultaneous_close_converges_H_47_K_7) {
    prove(close_segments_lost());
}

TEST(Model, any_loss_among_the_segments_of_an_active_close_converges_H_47_S_61) {
    prove(active_close_segments_lost());
}

TEST(Model, close_with_unread_text_ends_in_every_order) {
    prove(unread_text());
}

TEST(Model, close_with_time_stamps_ends_in_every_order_K_7) {
    prove(with_timestamps());
}

TEST(Model, segments_older_than_msl_harm_nobody) {
    prove(segments_outlive_msl());
}

TEST(Model, every_call_in_every_order_ends_J_36_D_26) {
    prove(every_call());
}

TEST(Model, every_call_in_every_order_ends_where_both_connect_J_36_D_26) {
    prove(every_call_both_connect());
}

TEST(Model, every_call_but_send_in_every_order_ends_J_36_D_26) {
    prove(every_call_without_text());
}

}  // namespace lastack::model
