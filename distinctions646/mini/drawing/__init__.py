"""What every drawing uses: random draws, fields, noise, shapes, materials, the canvas, layers."""
