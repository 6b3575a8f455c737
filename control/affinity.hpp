// Keeping control's threads away from the workers' CPUs.
#pragma once

#include <sched.h>

namespace lastack::control {

/// The CPUs that the process may use, as it was started; to be made before EAL pins any thread.
class Affinity {
  public:
    Affinity();

    /// Restricts the calling thread, and those it makes later, to the process's CPUs without
    /// `cpu`; to all of them where that is the only one.
    void keep_off(unsigned cpu) const;

  private:
    cpu_set_t allowed_;
};

}  // namespace lastack::control
