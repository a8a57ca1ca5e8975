package dev.sightline.lab.result;

/**
 * What one trained action head shows of its use of padding: two indicators that are looked at where
 * policies with and without the mask are not both trained.
 *
 * @param attention the mean share of the cross-attentions' probability that is at padding, with
 *     padding as in training
 * @param norm the mean norm of the encoder's hidden states at padding over that at real tokens
 */
public record PaddingUse(double attention, double norm) {}
