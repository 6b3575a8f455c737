#include "control/last_report.hpp"

#include <gtest/gtest.h>

namespace lastack::control {
namespace {

class Counting final : public Application {
  public:
    bool start(Core&, const std::function<void(std::string_view)>&) override { return true; }
    void drain() override { drained_ = true; }
    bool finished() const override { return drained_; }
    std::string report() const override { return drained_ ? "{\"drained\":1}" : "{}"; }

  private:
    bool drained_ = false;
};

TEST(LastReport, IsWhatTheApplicationReportedAtItsEnd) {
    const auto last = std::make_shared<LastReport>();
    const ApplicationFactory factory =
        keep_last_report([](unsigned) { return std::make_unique<Counting>(); }, last);
    auto application = factory(0);
    EXPECT_FALSE(application->finished());
    application->drain();
    EXPECT_TRUE(application->finished());
    EXPECT_EQ(application->report(), "{\"drained\":1}");
    EXPECT_EQ(last->text(), "{}") << "not yet";
    application.reset();
    EXPECT_EQ(last->text(), "{\"drained\":1}");
}

TEST(LastReport, AFactoryThatMakesNothingStillMakesNothing) {
    const ApplicationFactory factory = keep_last_report(
        [](unsigned) { return std::unique_ptr<Application>(); }, std::make_shared<LastReport>());
    EXPECT_EQ(factory(0), nullptr);
}

}  // namespace
}  // namespace lastack::control
