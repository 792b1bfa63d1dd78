"""From foregrounds, alphas and backgrounds to the composites of a matting benchmark."""
