// A network interface of the kernel's, as it was before a port attached to it.
//
// af_packet and af_xdp set the MTU and the promiscuous mode of an interface that is not ours, and a
// start of DPDK's switches the latter off unasked. What was is read before the device is created,
// and put back when it is closed. An interface that has vanished meanwhile is left at that.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace lastack::port {

class KernelInterface {
  public:
    /// As it is now; nullopt where there is none of that name.
    static std::optional<KernelInterface> find(const std::string& name);

    int mtu() const { return mtu_; }
    bool promiscuous() const { return promiscuous_; }

    /// Makes it what it was. Nothing is said where that fails.
    void put_back() const;

  private:
    KernelInterface(std::string name, int mtu, bool promiscuous)
        : name_(std::move(name)), mtu_(mtu), promiscuous_(promiscuous) {}

    std::string name_;
    int mtu_;
    bool promiscuous_;
};

}  // namespace lastack::port
