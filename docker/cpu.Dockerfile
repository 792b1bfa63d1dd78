# docker build -f docker/cpu.Dockerfile -t matting .
# docker run --rm -v "$PWD:/data" matting run --method closed-form hatt
FROM python:3.12-slim

# OpenCV's wheel needs these two.
RUN apt-get update && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*
# Give PyTorch's index of wheels without CUDA, which makes a much smaller image, as
# --build-arg TORCH_INDEX=URL; its installation page names it.
ARG TORCH_INDEX=""
RUN test -z "$TORCH_INDEX" || pip install --no-cache-dir torch torchvision --index-url "$TORCH_INDEX"
COPY . /source
RUN pip install --no-cache-dir "/source[onnx]" && rm -rf /source
# Kernels are compiled once a container; mount a volume there to keep them.
ENV NUMBA_CACHE_DIR=/cache
RUN mkdir -m 1777 /cache
WORKDIR /data
ENTRYPOINT ["matting"]
CMD ["--help"]
