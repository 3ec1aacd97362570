/* This file owns the table by which the store asks about values with a shape. */
#include "shape/shape.h"

const struct rd_shapes rd_shapes = {
    .take_apart = rd_tree_take_apart,
    .place_of = rd_tree_place_of,
    .copy = rd_tree_copy,
    .each_node = rd_tree_each_node,
    .expire = rd_shape_expire,
    .check = rd_tree_check,
};
