#include "port/preflight.hpp"

#include <linux/capability.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "port/error.hpp"

namespace lastack::port {

namespace {

bool has_capability(unsigned capability) {
    __user_cap_header_struct header{};
    header.version = _LINUX_CAPABILITY_VERSION_3;
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
    if (syscall(SYS_capget, &header, data.data()) != 0) return true;  // let the driver find out
    return (data[capability / 32].effective >> (capability % 32) & 1) != 0;
}

Obstacle missing_capability(const std::string& name) {
    return {"this process lacks " + name,
            "run lastack as root, or give it the capability: setcap " + name + "+ep FILE"};
}

bool interface_exists(const std::string& name) {
    return if_nametoindex(name.c_str()) != 0;
}

std::optional<Obstacle> check_interface_name(const std::string& name) {
    if (!name.empty() && name.size() < IFNAMSIZ) return std::nullopt;
    return Obstacle{"\"" + name + "\" is no interface name",
                    "give 1 to " + std::to_string(IFNAMSIZ - 1) + " characters after iface="};
}

/// A tap made with `ip tuntap add` waits for somebody to attach. Any other interface of that name
/// is in use: a tap of another process would be shared with it, frame by frame, without an error.
bool is_persistent_tap(const std::string& interface) {
    std::ifstream file("/sys/class/net/" + interface + "/tun_flags");
    unsigned flags = 0;
    return file >> std::hex >> flags && (flags & IFF_PERSIST) != 0;
}

std::optional<Obstacle> check_tap(const DeviceString& device) {
    if (!has_capability(CAP_NET_ADMIN)) return missing_capability("CAP_NET_ADMIN");
    if (access("/dev/net/tun", R_OK | W_OK) != 0) {
        return Obstacle{"/dev/net/tun cannot be opened: " + errno_text(errno),
                        "load the module with modprobe tun, or pass the device into the container"};
    }
    const std::optional<std::string> interface = device.argument("iface");
    if (!interface) return std::nullopt;
    if (auto obstacle = check_interface_name(*interface)) return obstacle;
    if (interface_exists(*interface) && !is_persistent_tap(*interface)) {
        return Obstacle{"the interface name " + *interface + " is in use",
                        "choose another after iface=, or end the process that has it"};
    }
    return std::nullopt;
}

/// af_packet and af_xdp attach to an interface that the kernel has already.
std::optional<Obstacle> check_attached(const DeviceString& device) {
    if (!has_capability(CAP_NET_RAW)) return missing_capability("CAP_NET_RAW");
    const std::optional<std::string> interface = device.argument("iface");
    if (!interface) {
        return Obstacle{"the argument iface= is missing",
                        "write \"" + device.name() + ",iface=NAME\""};
    }
    if (auto obstacle = check_interface_name(*interface)) return obstacle;
    if (!interface_exists(*interface)) {
        return Obstacle{"there is no interface " + *interface,
                        "see ip link for the names; a veth pair is made with ip link add " +
                            *interface + " type veth"};
    }
    return std::nullopt;
}

std::optional<Obstacle> check_pcap(const DeviceString& device) {
    if (const auto input = device.argument("rx_pcap")) {
        if (access(input->c_str(), R_OK) != 0) {
            return Obstacle{"the capture " + *input + " cannot be read: " + errno_text(errno),
                            "name a readable file after rx_pcap="};
        }
    }
    if (const auto output = device.argument("tx_pcap")) {
        const std::filesystem::path folder =
            std::filesystem::absolute(std::filesystem::path(*output)).parent_path();
        if (access(folder.c_str(), W_OK) != 0) {
            return Obstacle{"no file can be made in " + folder.string() + ": " + errno_text(errno),
                            "name a file in a writable folder after tx_pcap="};
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<Obstacle> preflight(const DeviceString& device) {
    if (device.name().empty()) {
        return Obstacle{"the device's name is empty",
                        "name a device, such as \"net_tap0,iface=la0\""};
    }
    const std::string driver = device.driver();
    if (driver == "net_tap") return check_tap(device);
    if (driver == "net_af_packet" || driver == "net_af_xdp") return check_attached(device);
    if (driver == "net_pcap") return check_pcap(device);
    return std::nullopt;
}

std::string creation_remedy(const DeviceString& device, int error) {
    if (device.is_pci()) {
        return "dpdk-devbind.py --status shows what there is; bind the device to vfio-pci";
    }
    if (error == EFAULT) {  // so EAL says that no driver knows the name
        return "check the name: a driver's name and a number, such as net_tap0, net_af_packet0, "
               "net_memif0";
    }
    if ((error == EPERM || error == EACCES) && geteuid() != 0) return "run lastack as root";
    if (error == EEXIST) return "give each device a number of its own";
    if (const auto interface = device.argument("iface")) {
        return "see whether another process uses the interface " + *interface;
    }
    return "check the arguments behind " + device.name();
}

std::string start_remedy(const DeviceString& device) {
    // A memif client connects when it is started, and fails with EPERM where nobody answers.
    const bool memif_client =
        device.driver() == "net_memif" && device.argument("role").value_or("client") != "server";
    if (memif_client) return "start the other side first, or use role=server";
    return "see whether another process uses the device";
}

}  // namespace lastack::port
