// Balances a pole on a cart by deep Q-learning (Mnih et al. 2015, with the target of van Hasselt et al. 2016): a
// network learns what each push is worth, from what it has seen happen. The cart is that of Barto, Sutton & Anderson
// 1983. Solved once the last 100 episodes have a mean return of 475 of 500. cart_pole [SEED]; half a minute.
#include <xgrad.h>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <numeric>
using namespace xg;

namespace {
constexpr int longest = 500;

/// The cart's place and speed, the pole's angle and angular speed.
struct CartPole {
    double x = 0, v = 0, angle = 0, turning = 0;
    Tensor state() const { return tensor({x, v, angle, turning}); }
    void reset() {
        const Tensor start = uniform({4}, -0.05, 0.05);
        x = start(0).item(), v = start(1).item(), angle = start(2).item(), turning = start(3).item();
    }
    /// Pushes to the left (0) or right (1) with 10 N for 0.02 s: a cart of 1 kg, a pole of 0.1 kg and 1 m.
    void push(std::int64_t direction) {
        constexpr double gravity = 9.8, pole = 0.1, total = 1.1, half_length = 0.5, dt = 0.02;
        const double force = direction == 1 ? 10 : -10;
        const double pulled = (force + pole * half_length * turning * turning * std::sin(angle)) / total;
        const double falling = (gravity * std::sin(angle) - std::cos(angle) * pulled) /
                               (half_length * (4.0 / 3 - pole * std::cos(angle) * std::cos(angle) / total));
        const double acceleration = pulled - pole * half_length * falling * std::cos(angle) / total;
        x += dt * v, v += dt * acceleration;
        angle += dt * turning, turning += dt * falling;
    }
    bool lost() const { return std::abs(x) > 2.4 || std::abs(angle) > 12 * M_PI / 180; }
};

/// What happened in the last steps: where the cart was, what was done, where that led to and whether all was lost.
struct Replay {
    static constexpr std::int64_t capacity = 100'000;
    Tensor state = zeros({capacity, 4}), action = zeros({capacity, 1}, i64), next = zeros({capacity, 4}),
           lost = zeros({capacity, 1});
    std::int64_t count = 0;
    void add(const Tensor& before, std::int64_t push, const Tensor& after, bool end) {
        const auto i = count++ % capacity;
        state[i] = before, action[i] = push, next[i] = after, lost[i] = end;
    }
};

struct Agent {
    Sequential net{Input({4}), Dense(128, relu), Dense(128, relu), Dense(2)};  // what a push to each side is worth
    std::shared_ptr<Module> target = net.clone();  // lags behind, so that the net does not chase itself
    // Large steps first, then ever smaller ones, or what was learned is soon lost again.
    Adam optimizer{
        {.learning_rate = CosineDecay({.initial_learning_rate = 1e-3, .decay_steps = 40'000, .alpha = 0.05})}};
    Huber huber;

    /// The push that is worth most, or, with that probability, any.
    std::int64_t act(const Tensor& state, double exploring) {
        const NoGrad unrecorded;
        if (uniform({1}).item() < exploring) return randint({1}, 0, 2).item<std::int64_t>();
        return argmax(net(reshape(state, {1, 4}))).item<std::int64_t>();
    }
    /// Brings the worth of what was done nearer to 1 for the step, plus 0.99 of what the next one is worth.
    void learn(const Replay& replay) {
        const Tensor rows = randint({128}, 0, std::min(replay.count, Replay::capacity));
        const Tensor next = take(replay.next, rows);
        Tensor goal;
        {
            const NoGrad unrecorded;
            const Tensor best = argmax(net(next), -1, {.keepdims = true});
            goal = 1 + 0.99 * (1 - take(replay.lost, rows)) * take_along_axis((*target)(next), best);
        }
        const Tensor worth = take_along_axis(net(take(replay.state, rows)), take(replay.action, rows));
        optimizer.minimize(huber(goal, worth), net);
        if (replay.count % 300 == 0) set_weights(*target, net.state());
    }
};
}  // namespace

int main(int argc, char** argv) {
    set_seed(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1);
    CartPole cart;
    Replay replay;
    Agent agent;
    std::deque<int> last;  // returns of the last 100 episodes
    double mean_return = 0;
    for (int episode = 1; replay.count < 200'000 && mean_return < 475; ++episode) {
        cart.reset();
        int lasted = 0;
        while (lasted < longest && !cart.lost()) {
            const Tensor before = cart.state();
            const auto push = agent.act(before, std::max(0.01, 1 - double(replay.count) / 5000));
            cart.push(push);
            ++lasted;
            replay.add(before, push, cart.state(), cart.lost());  // an episode that was only cut off is not lost
            if (replay.count > 1000 && replay.count % 2 == 0) agent.learn(replay);
        }
        last.push_back(lasted);
        if (last.size() < 100) continue;
        if (last.size() > 100) last.pop_front();
        mean_return = std::accumulate(last.begin(), last.end(), 0.0) / 100;
        if (episode % 50 == 0)
            fmt::print("episode {}: {} steps in all, the last 100 episodes lasted {:.0f}\n", episode, replay.count,
                       mean_return);
    }
    fmt::print("mean return of the last 100 episodes: {:.1f} of {}\n", mean_return, longest);
    return mean_return >= 475 ? 0 : 1;
}
