"""The decision service's own metrics."""

from prometheus_client import CollectorRegistry, Gauge

from decision.vision import Figures

CAMERA = "synthetic"


class ModelMetrics:
    """The model's accuracy, and the accuracy and speed of the vision measurement."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, says: str, labels: tuple[str, ...] = ()) -> Gauge:
            return Gauge(name, says, labels, registry=registry)

        self._accuracy = gauge(
            "ai_model_accuracy", "Share of correct answers on the evaluation images", ("model",)
        )
        self._camera = gauge("camera_status", "1 if the last measurement succeeded", ("camera",))
        self._tracking = gauge("vision_tracking_fps", "Tracking speed, in frames per second")
        self._recognition = gauge(
            "vision_recognition_fps", "Recognition speed, in frames per second"
        )
        self._detection = gauge(
            "vision_detection_accuracy", "Share of frames where the digit was found"
        )

    def measured_model(self, name: str, accuracy: float) -> None:
        self._accuracy.labels(name).set(accuracy)

    def measured_vision(self, figures: Figures | None) -> None:
        """Set the figures. None means a failed measurement; the previous figures remain."""
        self._camera.labels(CAMERA).set(figures is not None)
        if figures is not None:
            self._tracking.set(figures.tracking_fps)
            self._recognition.set(figures.recognition_fps)
            self._detection.set(figures.detection_accuracy)
