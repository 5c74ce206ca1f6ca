/**
 * Which images to fetch next around the one on screen: ahead in the direction of scrolling
 * first, some behind, then the rest of the stack while there is room.
 */
export function prefetchOrder(count: number, current: number, direction: 1 | -1, limit: number): number[] {
  const order: number[] = [];
  const take = (index: number) => {
    if (index >= 0 && index < count && index !== current && order.length < limit) order.push(index);
  };
  for (let step = 1; step < count && order.length < limit; step += 1) {
    take(current + step * direction);
    // One image behind for every two ahead: readers turn back often, but not far.
    if (step % 2 === 0) take(current - (step / 2) * direction);
  }
  const known = new Set(order);
  for (let step = 1; step < count && order.length < limit; step += 1) {
    const index = current - step * direction;
    if (!known.has(index)) take(index);
  }
  return order;
}
