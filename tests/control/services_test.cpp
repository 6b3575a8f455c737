// How the limits of a worker bound what its services reserve.
#include "control/services.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace lastack::control {
namespace {

ServiceConfig load_with(std::optional<std::uint32_t> max_connections) {
    service::LoadOptions options;
    options.max_connections = max_connections;
    return {.options = options};
}

TEST(Services, NoneHasRoomForMoreConnectionsThanTheWorker) {
    const std::vector<ServiceConfig> given{
        {.options = service::HttpOptions{}},
        {.options = service::EchoOptions{.max_connections = 300}},
        {.options = service::DiscardOptions{.max_connections = 301}},
        {.options = service::ChargenOptions{.max_connections = 7}},
        load_with(std::nullopt),
    };
    const std::vector<ServiceConfig> bounded = within(given, {.max_connections = 300});
    EXPECT_EQ(std::get<service::HttpOptions>(bounded[0].options).max_connections, 300U);
    EXPECT_EQ(std::get<service::EchoOptions>(bounded[1].options).max_connections, 300U);
    EXPECT_EQ(std::get<service::DiscardOptions>(bounded[2].options).max_connections, 300U);
    EXPECT_EQ(std::get<service::ChargenOptions>(bounded[3].options).max_connections, 7U);
    EXPECT_EQ(std::get<service::LoadOptions>(bounded[4].options).max_connections, 300U);
}

TEST(Services, ALoadsOwnCapWinsWhereItIsTheSmaller) {
    const auto cap = [](std::optional<std::uint32_t> own, std::uint32_t limit) {
        const auto bounded = within({load_with(own)}, {.max_connections = limit});
        return std::get<service::LoadOptions>(bounded[0].options).max_connections;
    };
    EXPECT_EQ(cap(299, 300), 299U);
    EXPECT_EQ(cap(301, 300), 300U);
    EXPECT_EQ(cap(std::nullopt, 1'000'000), 1'000'000U);
}

}  // namespace
}  // namespace lastack::control
