// A file without a name, which is gone with the process however that ends.
#pragma once

namespace lastack::model {

/// Open for reading and writing; the caller closes it. Throws std::system_error where /var/tmp has
/// no room for one.
int open_temporary_file();

}  // namespace lastack::model
