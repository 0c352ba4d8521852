#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include "../tensor/modes.h"
#include "stream_node.h"

namespace xg::detail {

namespace {
/// Threads take examples in order, one at a time, and lay down what f makes of them by number; the reader takes the
/// numbers in order. What is thrown waits at its number too.
class Workers : public Cursor {
public:
    using Function = std::function<Tensors(const Tensors&, std::int64_t)>;
    Workers(std::unique_ptr<Cursor> inner, Function f, int workers, int ahead)
        : inner_(std::move(inner)), f_(std::move(f)), count_(workers), ahead_(ahead) {}
    ~Workers() override {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        changed_.notify_all();
        for (auto& t : threads_) t.join();
    }
    std::optional<Tensors> next() override {
        if (threads_.empty())
            for (int i = 0; i < count_; ++i)
                threads_.emplace_back([this, control = float_control()] { work(control); });
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return done_.contains(wanted_) || (ended_ && wanted_ >= taken_); });
        const auto found = done_.find(wanted_);
        if (found == done_.end()) return {};
        Result result = std::move(found->second);
        done_.erase(found);
        ++wanted_;
        changed_.notify_all();
        if (result.error) std::rethrow_exception(result.error);
        return std::move(result.example);
    }
    /// Before the threads are there, nothing need be computed.
    void skip(std::int64_t n) override {
        if (!threads_.empty()) {
            Cursor::skip(n);
            return;
        }
        inner_->skip(n);
        taken_ += n, wanted_ += n;
    }

private:
    struct Result {
        Tensors example;
        std::exception_ptr error;
    };
    void work(std::uint64_t control) {
        set_float_control(control);  // as the reader's: results must not depend on who computes them
        for (;;) {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return stopping_ || ended_ || (taken_ - wanted_ < ahead_ && !reading_); });
            if (stopping_ || ended_) return;
            reading_ = true;
            const auto number = taken_;
            lock.unlock();
            Result result;
            std::optional<Tensors> example;
            try {
                example = inner_->next();
            } catch (...) { result.error = std::current_exception(); }
            lock.lock();
            reading_ = false;
            if (!example) ended_ = true;  // an error ends the stream as well, after it was told
            if (example || result.error) ++taken_;
            lock.unlock();
            changed_.notify_all();
            if (example) try {
                    result.example = f_(*example, number);
                } catch (...) { result.error = std::current_exception(); }
            else if (!result.error) return;
            lock.lock();
            done_.emplace(number, std::move(result));
            lock.unlock();
            changed_.notify_all();
        }
    }

    std::unique_ptr<Cursor> inner_;
    Function f_;
    int count_, ahead_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::int64_t, Result> done_;
    std::int64_t taken_ = 0, wanted_ = 0;
    bool reading_ = false, ended_ = false, stopping_ = false;
    std::vector<std::thread> threads_;
};
}  // namespace

std::unique_ptr<Cursor> start_workers(std::unique_ptr<Cursor> inner,
                                      std::function<Tensors(const Tensors&, std::int64_t)> f, int workers, int ahead) {
    return std::make_unique<Workers>(std::move(inner), std::move(f), workers, ahead);
}

}  // namespace xg::detail
