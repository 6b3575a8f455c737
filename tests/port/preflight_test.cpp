#include "port/preflight.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace lastack::port {
namespace {

TEST(Preflight, AnEmptyNameIsNoDevice) {
    const auto obstacle = preflight(DeviceString(""));
    ASSERT_TRUE(obstacle);
    EXPECT_NE(obstacle->remedy.find("net_tap0,iface=la0"), std::string::npos);
}

TEST(Preflight, ADeviceThatNeedsNothingPasses) {
    EXPECT_FALSE(preflight(DeviceString("net_null0")));
    EXPECT_FALSE(preflight(DeviceString("net_ring0")));
}

TEST(Preflight, AMemifClientIsToldThatItsServerComesFirst) {
    const std::string others = "see whether another process uses the device";
    const std::string clients = "start the other side first, or use role=server";
    EXPECT_EQ(start_remedy(DeviceString("net_memif0,role=client,socket=/s")), clients);
    EXPECT_EQ(start_remedy(DeviceString("net_memif0")), clients) << "a client is the default";
    EXPECT_EQ(start_remedy(DeviceString("net_memif0,role=server")), others);
    EXPECT_EQ(start_remedy(DeviceString("net_tap0,iface=la0")), others);
}

TEST(Preflight, AMissingCaptureIsNamed) {
    const auto obstacle = preflight(DeviceString("net_pcap0,rx_pcap=/nowhere/in.pcap"));
    ASSERT_TRUE(obstacle);
    EXPECT_NE(obstacle->what.find("/nowhere/in.pcap"), std::string::npos);
    EXPECT_NE(obstacle->remedy.find("rx_pcap="), std::string::npos);
}

TEST(Preflight, AFolderThatDoesNotExistIsNoPlaceForACapture) {
    const auto obstacle = preflight(DeviceString("net_pcap0,tx_pcap=/nowhere/out.pcap"));
    ASSERT_TRUE(obstacle);
    EXPECT_NE(obstacle->what.find("/nowhere"), std::string::npos);
}

/// Root lays down its capabilities by taking another's effective id, and has them back afterwards.
class OrdinaryUser {
  public:
    OrdinaryUser() : user_(geteuid()) { EXPECT_EQ(seteuid(user_ == 0 ? 65534 : user_), 0); }
    ~OrdinaryUser() { EXPECT_EQ(seteuid(user_), 0); }
    OrdinaryUser(const OrdinaryUser&) = delete;
    OrdinaryUser& operator=(const OrdinaryUser&) = delete;

  private:
    uid_t user_;
};

TEST(Preflight, AnOrdinaryUserIsToldWhichPrivilegeIsMissing) {
    const OrdinaryUser nobody;
    const auto tap = preflight(DeviceString("net_tap0,iface=la0"));
    ASSERT_TRUE(tap);
    EXPECT_NE(tap->what.find("CAP_NET_ADMIN"), std::string::npos);
    const auto packet = preflight(DeviceString("net_af_packet0,iface=lo"));
    ASSERT_TRUE(packet);
    EXPECT_NE(packet->what.find("CAP_NET_RAW"), std::string::npos);
}

TEST(Preflight, AnInterfaceThatIsMissingIsNamed) {
    if (geteuid() != 0) GTEST_SKIP() << "the privilege is missed first";
    const auto obstacle = preflight(DeviceString("net_af_packet0,iface=la-none"));
    ASSERT_TRUE(obstacle);
    EXPECT_NE(obstacle->what.find("la-none"), std::string::npos);
    const auto nameless = preflight(DeviceString("net_af_packet0"));
    ASSERT_TRUE(nameless);
    EXPECT_NE(nameless->what.find("iface="), std::string::npos);
}

TEST(Preflight, ATapCannotTakeTheNameOfAnInterfaceThatIsNone) {
    if (geteuid() != 0) GTEST_SKIP() << "the privilege is missed first";
    const auto obstacle = preflight(DeviceString("net_tap0,iface=lo"));
    ASSERT_TRUE(obstacle);
    EXPECT_NE(obstacle->what.find("lo is in use"), std::string::npos);
    const auto long_name = preflight(DeviceString("net_tap0,iface=seventeen-letters"));
    ASSERT_TRUE(long_name);
    EXPECT_NE(long_name->remedy.find("15"), std::string::npos);
}

}  // namespace
}  // namespace lastack::port
