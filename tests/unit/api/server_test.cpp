// SPDX-License-Identifier: GPL-2.0-or-later
// The server on a real socket: what is cut off, what is refused, and that nothing is executed
// twice.
#include "api/server.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "api/client.hpp"
#include "base/fd.hpp"

namespace yett {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Connects, sends what it can, and reads until the server closes or 3 s are over.
struct RawClient {
    explicit RawClient(const std::string& path)
        : fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof(address.sun_path) - 1);
        connected =
            ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
        timeval limit{3, 0};
        ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
        ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    }

    /// Octets that the server's side took.
    std::size_t send(std::string_view text) const {
        std::size_t total = 0;
        while (total < text.size()) {
            const auto sent =
                ::send(fd.get(), text.data() + total, text.size() - total, MSG_NOSIGNAL);
            if (sent <= 0) break;
            total += static_cast<std::size_t>(sent);
        }
        return total;
    }

    /// Up to the server's close; `closed` false when it did not close within 3 s.
    std::string read_all() {
        std::string out;
        char chunk[4096];
        for (;;) {
            const auto size = ::recv(fd.get(), chunk, sizeof(chunk), 0);
            if (size <= 0) {
                closed = size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
                return out;
            }
            out.append(chunk, static_cast<std::size_t>(size));
        }
    }

    /// One answer, headers and body.
    std::string read_one() {
        std::string out;
        char octet = 0;
        std::size_t wanted = 0;
        while (::recv(fd.get(), &octet, 1, 0) == 1) {
            out += octet;
            if (wanted == 0 && out.size() >= 4 && out.compare(out.size() - 4, 4, "\r\n\r\n") == 0) {
                const auto at = out.find("Content-Length: ");
                if (at == std::string::npos) return out;
                wanted = out.size() + std::strtoul(out.c_str() + at + 16, nullptr, 10);
            }
            if (wanted != 0 && out.size() == wanted) return out;
        }
        return out;
    }

    Fd fd;
    bool connected = false;
    bool closed = false;
};

class ServerTest : public ::testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/yett-api-XXXXXX";
        ASSERT_NE(::mkdtemp(name), nullptr);
        directory_ = name;
        path_ = directory_ + "/s.sock";
    }

    void TearDown() override {
        if (thread_.joinable()) {
            loop_.stop();
            thread_.join();
        }
        server_.reset();
        ::unlink(path_.c_str());
        ::rmdir(directory_.c_str());
    }

    void start(ServerOptions options = {}) {
        options.socket_path = path_;
        auto server = Server::open(loop_, make_router(), std::move(options));
        ASSERT_TRUE(server.ok()) << server.error().message;
        server_.emplace(std::move(*server));
        thread_ = std::thread([this] { loop_.run(); });
    }

    Router make_router() {
        const auto count = [this](const ApiRequest& request) {
            ++runs_;
            ApiResponse response;
            response.body = "{\"octets\":" + std::to_string(request.body.size()) + "}";
            return response;
        };
        const auto fail = [](const ApiRequest&) -> ApiResponse {
            throw std::runtime_error("on purpose");
        };
        return Router(
            {{"GET", "/a", Role::reader, {}, count},
             {"PUT", "/a", Role::writer, {}, count},
             {"GET", "/fail", Role::reader, {}, fail},
             {"GET",
              "/long",
              Role::reader,
              {},
              {},
              0,
              [this](const ApiRequest&, Reply reply) {
                  started_ = true;
                  loop_.after(300ms, [reply = std::move(reply)] { reply(ApiResponse{202}); });
              }},
             {"GET", "/soon", Role::reader, {}, {}, 0, [](const ApiRequest&, Reply reply) {
                  reply(ApiResponse{203});
              }}});
    }

    std::string answer_to(std::string_view text) {
        RawClient client(path_);
        client.send(text);
        const auto answer = client.read_all();
        EXPECT_TRUE(client.closed);
        return answer;
    }

    std::string directory_;
    std::string path_;
    Loop loop_;
    std::optional<Server> server_;
    std::thread thread_;
    std::atomic<int> runs_ = 0;
    std::atomic<bool> started_ = false;
};

std::size_t count_answers(const std::string& text) {
    std::size_t count = 0;
    for (auto at = text.find("HTTP/1.1 "); at != std::string::npos;
         at = text.find("HTTP/1.1 ", at + 1)) {
        ++count;
    }
    return count;
}

TEST_F(ServerTest, client_and_server_understand_each_other) {
    start();
    const auto response = request(path_, "PUT", "/a", std::string(100'000, 'x'));
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "{\"octets\":100000}");
    EXPECT_EQ(response->header("content-type"), "application/json");
    EXPECT_EQ(request(path_, "GET", "/none")->status, 404);
    EXPECT_EQ(request(path_, "DELETE", "/a")->status, 405);
    EXPECT_EQ(request(path_, "GET", "/fail")->status, 500);
}

TEST_F(ServerTest, longest_body_is_taken_and_one_more_octet_is_not) {
    start();
    const auto longest = request(path_, "PUT", "/a", std::string(16u << 20, '['));
    ASSERT_TRUE(longest.ok());
    EXPECT_EQ(longest->body, "{\"octets\":16777216}");
    const auto longer = request(path_, "PUT", "/a", std::string((16u << 20) + 1, '['));
    ASSERT_TRUE(longer.ok()) << longer.error().message;
    EXPECT_EQ(longer->status, 413);
    const auto huge = request(path_, "PUT", "/a", std::string(100'000'000, '['));
    ASSERT_TRUE(huge.ok()) << huge.error().message;
    EXPECT_EQ(huge->status, 413);
    EXPECT_EQ(runs_, 1);
}

TEST_F(ServerTest, nothing_smuggled_is_executed) {
    start();
    const std::string inner = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
    const std::string put = "PUT /a HTTP/1.1\r\nHost: x\r\n";
    const std::string length = "Content-Length: " + std::to_string(inner.size()) + "\r\n";
    const std::string cases[] = {
        put + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
        put + length + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
        put + "Transfer-Encoding: chunked\r\n" + length + "\r\n0\r\n\r\n" + inner,
        put + "Transfer-Encoding: xchunked\r\n" + length + "\r\n" + inner,
        put + "Transfer-Encoding : chunked\r\n" + length + "\r\n" + inner,
        put + "Transfer-Encoding\r\n : chunked\r\n" + length + "\r\n" + inner,
        put + "Content-Length: 0\r\n" + length + "\r\n" + inner,
        put + length + "Content-Length: 0\r\n\r\n" + inner,
        put + "Content-Length: 0, 27\r\n\r\n" + inner,
        put + "Content-Length: -1\r\n\r\n" + inner,
        put + "Content-Length: 1e1\r\n\r\n" + inner,
        put + "Content-Length: 99999999999999999999\r\n\r\n" + inner,
        put + "A: b\nContent-Length: 3\r\n\r\n" + inner,
        put + "Expect: something\r\n\r\n" + inner,
        "GET /a HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n" + inner,
        "GET http://x/a HTTP/1.1\r\nHost: x\r\n\r\n" + inner,
        "GET /a HTTP/1.1\r\n\r\n" + inner,
        "PUT /none HTTP/1.1\r\nHost: x\r\n" + length + "\r\n" + inner,
        "DELETE /a HTTP/1.1\r\nHost: x\r\n" + length + "\r\n" + inner,
    };
    for (const auto& text : cases) {
        SCOPED_TRACE(text);
        const auto answer = answer_to(text);
        EXPECT_EQ(count_answers(answer), 1u) << answer;
        EXPECT_EQ(answer.find("HTTP/1.1 2"), std::string::npos) << answer;
    }
    EXPECT_EQ(runs_, 0);
}

TEST_F(ServerTest, a_body_is_never_taken_for_a_request) {
    start();
    const std::string inner = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
    const auto answer =
        answer_to("PUT /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
                  std::to_string(inner.size()) + "\r\n\r\n" + inner);
    EXPECT_EQ(count_answers(answer), 1u);
    EXPECT_EQ(runs_, 1);
}

TEST_F(ServerTest, requests_on_one_connection_are_answered_in_turn) {
    start();
    const auto answer = answer_to(
        "GET /a HTTP/1.1\r\nHost: x\r\n\r\nPUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: "
        "3\r\n\r\nabc"
        "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(count_answers(answer), 3u);
    EXPECT_NE(answer.find("{\"octets\":3}"), std::string::npos);
    EXPECT_EQ(runs_, 3);
}

TEST_F(ServerTest, expect_is_answered_before_the_body) {
    start();
    RawClient client(path_);
    client.send("PUT /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    EXPECT_EQ(client.read_one(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("abc");
    EXPECT_NE(client.read_one().find("{\"octets\":3}"), std::string::npos);
}

TEST_F(ServerTest, an_endless_line_costs_no_memory) {
    start();
    RawClient client(path_);
    const std::string block(1u << 20, 'a');
    std::size_t taken = 0;
    for (int i = 0; i < 16; ++i)
        taken += client.send(block);
    EXPECT_NE(client.read_all().find("HTTP/1.1 414 "), std::string::npos);
    EXPECT_EQ(runs_, 0);
}

TEST_F(ServerTest, slow_clients_are_cut_off) {
    ServerOptions options;
    options.head_time = 200ms;
    options.body_time = 300ms;
    options.idle_time = 400ms;
    start(options);
    struct Case {
        const char* name;
        const char* text;
        std::chrono::milliseconds after;
    };
    const Case cases[] = {
        {"says nothing", "", 400ms},
        {"half a head", "GET /a HTTP/1.1\r\nHost:", 200ms},
        {"half a body", "PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", 300ms}};
    for (const auto& row : cases) {
        SCOPED_TRACE(row.name);
        RawClient client(path_);
        const auto before = Clock::now();
        client.send(row.text);
        client.read_all();
        EXPECT_TRUE(client.closed);
        EXPECT_GE(Clock::now() - before + 5ms, row.after);
        EXPECT_LT(Clock::now() - before, row.after + 20s);
    }
    EXPECT_EQ(runs_, 0);
}

TEST_F(ServerTest, dripping_octets_does_not_buy_time) {
    ServerOptions options;
    options.head_time = 300ms;
    start(options);
    RawClient client(path_);
    const auto before = Clock::now();
    while (Clock::now() - before < 20s && client.send("a") == 1) {
        pollfd wait{client.fd.get(), POLLIN, 0};
        ::poll(&wait, 1, 20);
        if ((wait.revents & POLLHUP) != 0) break;
    }
    EXPECT_LT(Clock::now() - before, 15s);
}

TEST_F(ServerTest, connections_are_bounded) {
    ServerOptions options;
    options.connections = 4;
    start(options);
    std::vector<RawClient> clients;
    for (int i = 0; i < 4; ++i) {
        clients.emplace_back(path_);
        clients.back().send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_NE(clients.back().read_one().find(" 200 "), std::string::npos);
    }
    EXPECT_NE(answer_to("").find("HTTP/1.1 503 "), std::string::npos);
    clients.clear();
    const auto deadline = Clock::now() + 30s;
    int status = 0;
    while (status != 200 && Clock::now() < deadline) {
        const auto response = request(path_, "GET", "/a");
        if (response.ok()) status = response->status;
    }
    EXPECT_EQ(status, 200);
}

TEST_F(ServerTest, garbage_of_many_kinds_leaves_it_serving) {
    start();
    unsigned seed = 1;
    for (int round = 0; round < 300; ++round) {
        std::string text;
        for (int i = 0; i < 200; ++i) {
            seed = seed * 1103515245u + 12345u;
            text += static_cast<char>(seed >> 16);
        }
        text += "\r\n\r\n";
        RawClient client(path_);
        client.send(text);
        const auto answer = client.read_all();
        EXPECT_TRUE(client.closed);
        EXPECT_EQ(answer.find("HTTP/1.1 2"), std::string::npos);
    }
    EXPECT_EQ(runs_, 0);
    EXPECT_EQ(request(path_, "GET", "/a")->status, 200);
}

TEST_F(ServerTest, socket_mode_and_removal) {
    start();
    struct stat info {};
    ASSERT_EQ(::stat(path_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0660u);
    loop_.stop();
    thread_.join();
    server_.reset();
    EXPECT_NE(::stat(path_.c_str(), &info), 0);
    const auto response = request(path_, "GET", "/a");
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().kind, ErrorKind::unreachable);
}

TEST_F(ServerTest, places_where_no_socket_is_made) {
    const Access access;
    const auto kind = [&](const std::string& path) {
        const auto fd = listen_unix(path, access);
        return fd.ok() ? 0 : static_cast<int>(fd.error().kind);
    };
    constexpr int refused = static_cast<int>(ErrorKind::permission);

    EXPECT_EQ(kind("relative.sock"), static_cast<int>(ErrorKind::usage));
    EXPECT_EQ(kind("/" + std::string(200, 'a')), static_cast<int>(ErrorKind::usage));

    std::ofstream(path_) << "a file";
    EXPECT_EQ(kind(path_), refused);
    ::unlink(path_.c_str());

    ASSERT_EQ(::symlink("/tmp/yett-nowhere", path_.c_str()), 0);
    EXPECT_EQ(kind(path_), refused);
    ::unlink(path_.c_str());

    const auto link = directory_ + "/link";
    ASSERT_EQ(::symlink(directory_.c_str(), link.c_str()), 0);
    EXPECT_EQ(kind(link + "/s.sock"), refused);
    ::unlink(link.c_str());

    ::chmod(directory_.c_str(), 0777);
    EXPECT_EQ(kind(path_), refused);
    ::chmod(directory_.c_str(), 0700);

    auto first = listen_unix(path_, access);
    ASSERT_TRUE(first.ok());
    EXPECT_EQ(kind(path_), static_cast<int>(ErrorKind::conflict));
    first->reset();
    EXPECT_EQ(kind(path_), 0) << "a stale socket is replaced";
}

TEST_F(ServerTest, others_are_answered_while_one_waits_for_what_takes_long) {
    start();
    RawClient waiting(path_);
    waiting.send("GET /long HTTP/1.1\r\nHost: y\r\n\r\n");
    while (!started_)
        std::this_thread::yield();
    const auto begin = Clock::now();
    const auto other = request(path_, "GET", "/a");
    ASSERT_TRUE(other.ok());
    EXPECT_EQ(other->status, 200);
    EXPECT_LT(Clock::now() - begin, 250ms);
    EXPECT_NE(waiting.read_one().find(" 202 "), std::string::npos);
    const auto soon = request(path_, "GET", "/soon");
    ASSERT_TRUE(soon.ok());
    EXPECT_EQ(soon->status, 203) << "also when it replies before anybody waits";
}

TEST_F(ServerTest, takes_no_more_at_once_than_there_is_memory_for) {
    ServerOptions options;
    options.memory = {1000, 1000, 0};
    start(options);
    RawClient first(path_);
    first.send("PUT /a HTTP/1.1\r\nHost: y\r\nContent-Length: 900\r\n\r\n");
    RawClient second(path_);
    const std::string head = "PUT /a HTTP/1.1\r\nHost: y\r\nContent-Length: 200\r\n";
    // The first one's head may come behind it.
    std::string answer;
    for (int tries = 0; tries < 100 && answer.find(" 503 ") == std::string::npos; ++tries)
        answer = answer_to(head + "Connection: close\r\n\r\n" + std::string(200, 'x'));
    EXPECT_NE(answer.find(" 503 "), std::string::npos) << answer;
    first.send(std::string(900, 'x'));
    EXPECT_NE(first.read_one().find(" 200 "), std::string::npos);
    EXPECT_NE(answer_to(head + "Connection: close\r\n\r\n" + std::string(200, 'x')).find(" 200 "),
              std::string::npos);
}

}  // namespace
}  // namespace yett
