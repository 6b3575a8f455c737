#include "service/composite.hpp"

#include "service/json.hpp"

namespace lastack::service {
namespace {

class Composite final : public Application {
  public:
    Composite(const std::vector<CompositePart>& parts, unsigned worker) {
        for (const CompositePart& part : parts) {
            parts_.push_back({part.name, part.finishes, part.make(worker)});
        }
    }

    bool start(Core& core, const std::function<void(std::string_view)>& complain) override {
        for (Part& part : parts_) {
            if (!part.application->start(core, complain)) return false;
        }
        return true;
    }

    void drain() override {
        for (Part& part : parts_) part.application->drain();
    }

    bool finished() const override {
        bool any = false;
        for (const Part& part : parts_) {
            if (!part.finishes) continue;
            if (!part.application->finished()) return false;
            any = true;
        }
        return any;
    }

    std::string report() const override {
        JsonObject merged;
        for (const Part& part : parts_) merged.add_raw(part.name, part.application->report());
        return merged.text();
    }

  private:
    struct Part {
        std::string name;
        bool finishes;
        std::unique_ptr<Application> application;
    };
    std::vector<Part> parts_;
};

}  // namespace

ApplicationFactory make_composite(CompositeOptions options) {
    return [options = std::move(options)](unsigned worker) {
        return std::make_unique<Composite>(options.parts, worker);
    };
}

}  // namespace lastack::service
