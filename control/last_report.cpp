#include "control/last_report.hpp"

#include <utility>

namespace lastack::control {
namespace {

class Keeper final : public Application {
  public:
    Keeper(std::unique_ptr<Application> inner, std::shared_ptr<LastReport> last)
        : inner_(std::move(inner)), last_(std::move(last)) {}
    ~Keeper() override { last_->set(inner_->report()); }

    bool start(Core& core, const std::function<void(std::string_view)>& complain) override {
        return inner_->start(core, complain);
    }
    void drain() override { inner_->drain(); }
    bool finished() const override { return inner_->finished(); }
    std::string report() const override { return inner_->report(); }

  private:
    std::unique_ptr<Application> inner_;
    std::shared_ptr<LastReport> last_;
};

}  // namespace

ApplicationFactory keep_last_report(ApplicationFactory factory, std::shared_ptr<LastReport> last) {
    return [factory = std::move(factory),
            last = std::move(last)](unsigned worker) -> std::unique_ptr<Application> {
        std::unique_ptr<Application> inner = factory(worker);
        if (inner == nullptr) return nullptr;
        return std::make_unique<Keeper>(std::move(inner), last);
    };
}

}  // namespace lastack::control
