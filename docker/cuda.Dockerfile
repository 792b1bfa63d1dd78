# docker build -f docker/cuda.Dockerfile -t matting:cuda .
# docker run --rm --gpus all -v "$PWD:/data" matting:cuda run --method hatt --device cuda
FROM python:3.12-slim

# OpenCV's wheel needs these two.
RUN apt-get update && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*
# PyTorch's wheels for Linux bring CUDA's libraries; the host needs its driver only.
COPY . /source
RUN pip install --no-cache-dir "/source[onnx]" && rm -rf /source
ENV NUMBA_CACHE_DIR=/cache NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
RUN mkdir -m 1777 /cache
WORKDIR /data
ENTRYPOINT ["matting"]
CMD ["--help"]
