FROM python:3.13-slim-bookworm

# Pango draws the PDFs; tzdata is for the local business day.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 affido \
    && install -d -o affido -g affido -m 0700 /data

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    AFFIDO_DATA_DIR=/data \
    STATIC_ROOT=/app/staticfiles \
    LOG_FORMAT=json
WORKDIR /app

COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY . .
# The key serves this step alone; containers get theirs from the environment.
RUN if [ -d locale ]; then pybabel --quiet compile --directory locale --domain django; fi \
    && SECRET_KEY=build python manage.py collectstatic --noinput --verbosity 0

USER affido
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "4", "--timeout", "120", "--worker-tmp-dir", "/dev/shm"]
