package dev.sightline.lab.result;

/**
 * What an action head does with padding, measured from outside of the results: the two numbers that
 * are looked at when nobody trains both arms.
 *
 * @param attention the mean share of the cross-attentions' probability that is at padding, with
 *     padding as in training
 * @param norm the mean norm of the encoder's hidden states at padding over that at real tokens
 */
public record PaddingUse(double attention, double norm) {}
