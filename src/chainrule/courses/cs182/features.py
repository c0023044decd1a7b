"""CS182's `deeplearning.features`."""

from chainrule.courses.modular.features import color_histogram_hsv, extract_features, hog_feature, np, rgb2gray

__all__ = ["color_histogram_hsv", "extract_features", "hog_feature", "np", "rgb2gray"]
