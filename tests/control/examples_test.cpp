// The examples in docs/ are configurations that a daemon takes.
#include <gtest/gtest.h>

#include "control/config.hpp"

namespace lastack::control {
namespace {

Config example(const std::string& name) {
    const LoadResult result =
        load_file(std::string(LASTACK_GOLDEN_DIR) + "/../../../docs/examples/" + name, {});
    for (const Problem& problem : result.problems) ADD_FAILURE() << problem.to_string();
    return result.config;
}

TEST(Examples, TheServerListensWithAllItsServices) {
    const Config config = example("lastack.toml");
    EXPECT_EQ(config.options.ports.size(), 1U);
    EXPECT_EQ(config.services.size(), 4U);
}

TEST(Examples, TheLoadHasAnEnd) {
    const Config config = example("load.toml");
    ASSERT_EQ(config.services.size(), 1U);
    EXPECT_EQ(std::get<service::LoadOptions>(config.services[0].options).count, 10'000U);
}

TEST(Examples, WhatPrintConfigShowsOfThemIsAcceptedAgain) {
    for (const char* name : {"lastack.toml", "load.toml"}) {
        EXPECT_TRUE(load(print(example(name)), name, {})) << name;
    }
}

}  // namespace
}  // namespace lastack::control
