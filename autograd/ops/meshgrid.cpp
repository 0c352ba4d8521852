#include "meshgrid.h"
#include "layout.h"

namespace xg {

std::vector<Tensor> meshgrid(const std::vector<Tensor>& xs, Indexing indexing) {
    Shape grid;
    for (const Tensor& x : xs) {
        require(x.rank() == 1, "meshgrid: expected vectors, got shape {}", x.shape());
        grid.push_back(x.shape()[0]);
    }
    std::vector<Tensor> coordinates;
    for (int i = 0; i < grid.rank(); ++i) {
        Shape along;
        for (int a = 0; a < grid.rank(); ++a) along.push_back(a == i ? grid[a] : 1);
        const Tensor filled = broadcast_to(reshape(xs[std::size_t(i)], along), grid);
        coordinates.push_back(indexing == Indexing::xy && grid.rank() > 1 ? swapaxes(filled, 0, 1) : filled);
    }
    return coordinates;
}

}  // namespace xg
