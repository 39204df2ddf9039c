"""The decision service's own metrics."""

from prometheus_client import CollectorRegistry, Gauge

from decision.vision import Figures

CAMERA = "synthetic"


class ModelMetrics:
    """The model's accuracy, and how well and fast moving digits are found and read."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, says: str, labels: tuple[str, ...] = ()) -> Gauge:
            return Gauge(name, says, labels, registry=registry)

        self._accuracy = gauge(
            "ai_model_accuracy", "Share of right answers on the evaluation images", ("model",)
        )
        self._camera = gauge("camera_status", "1 while its last measurement succeeded", ("camera",))
        self._tracking = gauge("vision_tracking_fps", "Frames per second, finding the digit")
        self._recognition = gauge("vision_recognition_fps", "Frames per second, reading the digit")
        self._detection = gauge(
            "vision_detection_accuracy", "Share of frames where the digit was found"
        )

    def measured_model(self, name: str, accuracy: float) -> None:
        self._accuracy.labels(name).set(accuracy)

    def measured_vision(self, figures: Figures | None) -> None:
        """None where a measurement failed: the figures of the one before stay."""
        self._camera.labels(CAMERA).set(figures is not None)
        if figures is not None:
            self._tracking.set(figures.tracking_fps)
            self._recognition.set(figures.recognition_fps)
            self._detection.set(figures.detection_accuracy)
