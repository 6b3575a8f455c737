// Ports on interfaces of the kernel's, in a network namespace of the test's own: only root has one.
#include "port/kernel_interface.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "port/ethdev.hpp"
#include "tests/port/ring_port.hpp"

namespace lastack::port {
namespace {

class OnAnInterface : public testing::Test {
  protected:
    void SetUp() override {
        if (geteuid() != 0) GTEST_SKIP() << "only root can make a network namespace";
        eal_of_tests();
        home_ = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
        home_mounts_ = open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC);
        // /sys shows the interfaces of the namespace in which it was mounted.
        ASSERT_EQ(unshare(CLONE_NEWNET | CLONE_NEWNS), 0);
        ASSERT_EQ(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
        ASSERT_EQ(mount("sysfs", "/sys", "sysfs", 0, nullptr), 0);
        run("ip link add la0 type veth peer name peer0");
        run("ip link set la0 up");
        run("ip link set peer0 up");
    }
    void TearDown() override {
        if (home_ < 0) return;
        const std::filesystem::path here = std::filesystem::current_path();
        EXPECT_EQ(setns(home_, CLONE_NEWNET), 0);
        EXPECT_EQ(setns(home_mounts_, CLONE_NEWNS), 0);
        std::filesystem::current_path(here);
        close(home_);
        close(home_mounts_);
    }

    static void run(const std::string& command) {
        EXPECT_EQ(std::system(command.c_str()), 0) << command;
    }
    static int mtu_of(const std::string& name) {
        const auto interface = KernelInterface::find(name);
        EXPECT_TRUE(interface) << name;
        return interface ? interface->mtu() : -1;
    }
    static bool promiscuous(const std::string& name) {
        const auto interface = KernelInterface::find(name);
        EXPECT_TRUE(interface) << name;
        return interface && interface->promiscuous();
    }
    static EthdevConfig on(const std::string& device) {
        EthdevConfig config;
        config.device = device;
        config.rx_descriptors = config.tx_descriptors = 64;
        return config;
    }

    int home_ = -1;
    int home_mounts_ = -1;
    Pools pools_{(eal_of_tests(), small_pools()), 0, 0};
};

TEST_F(OnAnInterface, ATapsMtuFollowsTheConfiguration) {
    EthdevConfig config = on("net_tap0,iface=tap0");
    config.mtu = 1'280;
    Ethdev port(config);
    port.start(pools_[PoolName::Rx]);
    EXPECT_EQ(mtu_of("tap0"), 1'280);
    port.set_mtu(1'400);
    EXPECT_EQ(mtu_of("tap0"), 1'400);
    EXPECT_EQ(port.mtu(), 1'400);
}

TEST_F(OnAnInterface, APersistentTapGetsItsMtuBack) {
    run("ip tuntap add tap0 mode tap multi_queue");
    EthdevConfig config = on("net_tap0,iface=tap0");
    config.mtu = 1'280;
    {
        Ethdev port(config);
        port.start(pools_[PoolName::Rx]);
        EXPECT_EQ(mtu_of("tap0"), 1'280);
    }
    EXPECT_EQ(mtu_of("tap0"), 1'500);
}

TEST_F(OnAnInterface, OneAttachedToGetsItsMtuBack) {
    run("ip link set la0 mtu 1400");
    EthdevConfig config = on("net_af_packet0,iface=la0");
    config.mtu = 1'300;
    {
        Ethdev port(config);
        port.start(pools_[PoolName::Rx]);
        EXPECT_EQ(mtu_of("la0"), 1'300);
    }
    EXPECT_EQ(mtu_of("la0"), 1'400);
}

TEST_F(OnAnInterface, PromiscuousModeEndsWithThePort) {
    EthdevConfig config = on("net_af_packet0,iface=la0");
    config.promiscuous = true;
    {
        Ethdev port(config);
        port.start(pools_[PoolName::Rx]);
        EXPECT_TRUE(port.promiscuous());
        EXPECT_TRUE(promiscuous("la0"));
        EXPECT_TRUE(port.set_promiscuous(false));
        EXPECT_FALSE(promiscuous("la0"));
        EXPECT_TRUE(port.set_promiscuous(true));
    }
    EXPECT_FALSE(promiscuous("la0"));
}

TEST_F(OnAnInterface, PromiscuousModeThatWasThereBeforeStays) {
    run("ip link set la0 promisc on");
    {
        Ethdev port(on("net_af_packet0,iface=la0"));
        port.start(pools_[PoolName::Rx]);
    }
    EXPECT_TRUE(promiscuous("la0"));
}

TEST_F(OnAnInterface, APortWhoseInterfaceHasVanishedIsClosedWithoutAWord) {
    EthdevConfig config = on("net_af_packet0,iface=la0");
    config.mac = wire::MacAddress{{2, 0, 0, 0, 0, 9}};
    config.promiscuous = true;
    {
        Ethdev port(config);
        port.start(pools_[PoolName::Rx]);
        run("ip link delete la0");
    }
    EXPECT_FALSE(KernelInterface::find("la0"));
    EXPECT_EQ(pools_.in_use(), 0U);
}

TEST_F(OnAnInterface, TheMacOfOneAttachedToIsPutBack) {
    run("ip link set la0 address 02:00:00:00:00:05");
    EthdevConfig config = on("net_af_packet0,iface=la0");
    config.mac = wire::MacAddress{{2, 0, 0, 0, 0, 9}};
    {
        Ethdev port(config);
        port.start(pools_[PoolName::Rx]);
        run("ip link show la0 | grep -q 02:00:00:00:00:09");
    }
    run("ip link show la0 | grep -q 02:00:00:00:00:05");
}

TEST(KernelInterface, OneThatDoesNotExistIsNone) {
    EXPECT_FALSE(KernelInterface::find("la-none"));
    EXPECT_FALSE(KernelInterface::find(""));
    EXPECT_FALSE(KernelInterface::find("a-name-that-is-much-too-long"));
    EXPECT_TRUE(KernelInterface::find("lo"));
}

}  // namespace
}  // namespace lastack::port
