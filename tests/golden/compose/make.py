#!/usr/bin/env python3
"""Writes pixels.txt: sampled pixels of the reference compositor (assets/art/composite_preview.py), at the art's own size.
Needs numpy and Pillow. Run from the repository's root:  python3 tests/golden/compose/make.py > tests/golden/compose/pixels.txt
"""
import os, sys
sys.path.insert(0, 'assets/art')
import numpy as np
import composite_preview as ref

CASES = [('court-sneaker', 'three_quarter', 'leather', '#F4F4F2'), ('court-sneaker', 'heel', 'suede', '#FFFFFF'),
         ('court-sneaker', 'side', 'knit', '#10141C'), ('court-sneaker', 'top', 'patent', '#F4F4F2'),
         ('bottle', 'front', 'powder', '#F4F4F2'), ('bottle', 'three_quarter', 'gloss', '#C8D4E0'),
         ('bottle', 'front', 'brushed', '#F4F4F2')]
PALETTE = ['#EFEDE8', '#21406B', '#C8502A', '#1D1F24', '#D99A2B', '#2F5A43', '#FFFFFF', '#6E1F2C', '#86B3D6', '#000000', '#B6A3CF', '#E7CF4E']


def main():
    random = np.random.default_rng(20)
    for product, view, finish, bg in CASES:
        root = os.path.join('assets/art', product)
        import json
        parts = json.load(open(os.path.join(root, view, 'view.json')))['parts']
        scene = {'parts': {p: {'color': PALETTE[i % len(PALETTE)], 'finish': finish} for i, p in enumerate(parts)}}
        for p in ('collar_ring', 'base_ring'):  # fixed parts: the pack drops their D, which black does here
            if p in scene['parts']:
                scene['parts'][p]['color'] = '#000000'
        rgb, alpha, V, d = ref.composite(root, view, scene)
        image = np.asarray(ref.over_background(rgb, alpha, V, d, bg))
        shadow = ref.grey(os.path.join(d, V['shadow']))
        print('case', product, view, finish, bg)
        for p, c in scene['parts'].items():
            print('part', p, c['color'])
        for where, count in ((alpha >= 1, 60), ((alpha > 0) & (alpha < 1), 30), ((alpha == 0) & (shadow > 0), 12), (alpha + shadow == 0, 3)):
            ys, xs = np.nonzero(where)
            for k in random.choice(len(ys), count, replace=False):
                print('px', xs[k], ys[k], *image[ys[k], xs[k]])


main()
