// An application's report beyond its end: a load's figures are wanted when it has finished, and by
// then the worker has destroyed it.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "lastack/core.hpp"

namespace lastack::control {

/// Where the last report is kept. Written on the core's thread, read on any.
class LastReport {
  public:
    void set(std::string text) {
        const std::lock_guard lock(mutex_);
        text_ = std::move(text);
    }
    std::string text() const {
        const std::lock_guard lock(mutex_);
        return text_;
    }

  private:
    mutable std::mutex mutex_;
    std::string text_ = "{}";
};

/// The same applications, which leave their report in `last` when they are destroyed.
ApplicationFactory keep_last_report(ApplicationFactory factory, std::shared_ptr<LastReport> last);

}  // namespace lastack::control
