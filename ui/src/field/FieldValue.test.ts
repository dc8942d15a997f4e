import { describe, expect, it } from 'vitest';
import { regionParts } from './FieldValue';

describe('regions', () => {
  it.each([
    ['江苏省无锡市', ['江苏省', '无锡市']],
    ['江苏省 无锡市', ['江苏省', '无锡市']],
    ['内蒙古自治区呼和浩特市', ['内蒙古自治区', '呼和浩特市']],
    ['北京市', ['北京市']],
    ['香港特别行政区', ['香港特别行政区']],
  ])('%s is taken apart', (region, parts) => expect(regionParts(region)).toEqual(parts));
});
