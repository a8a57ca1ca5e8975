package dev.sightline.audit;

/** A probe and its verdict. */
public record Finding(Probe probe, Verdict verdict) {}
